"""The records of the app, as typed models. How they are kept is `shared.storage`'s business."""
