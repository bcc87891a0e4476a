from tests.windows import _own_settings, make_window, window

__all__ = ["_own_settings", "make_window", "window"]
