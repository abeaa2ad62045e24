"""The actions of `run_batch_processing`: each takes a session and options, and says whether all went well."""
