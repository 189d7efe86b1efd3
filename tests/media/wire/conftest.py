from tests.wire.makers import MAKERS

collect_ignore = [] if "native" in MAKERS else ["test_native.py"]
