"""Image folders: what is in them, how they are split, and how an image is decoded."""
