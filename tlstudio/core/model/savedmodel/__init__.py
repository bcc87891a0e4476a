"""SavedModel folders, read as data: TensorFlow never runs a stranger's graph here."""
