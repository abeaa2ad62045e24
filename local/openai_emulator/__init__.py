"""An emulator of the Azure OpenAI Batch endpoints: usable alone, on this machine only.

`python -m local.openai_emulator --port 7072 --data DIR`, or in a test `with running(EmulatorConfig(...))`.
"""
