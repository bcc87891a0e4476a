"""TLStudio: transfer learning of image classifiers on offline lab workstations."""

__version__ = "0.1.0"
