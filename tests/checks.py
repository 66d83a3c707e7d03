"""What the scripts in this folder share: figures held against each other, and a count of them at the end."""


class Checks:
    def __init__(self):
        self.passed, self.failed = 0, []

    def __call__(self, what, expected, found):
        if expected == found:
            self.passed += 1
        else:
            self.failed.append(f"{what}: expected {repr(expected)[:1000]}, found {repr(found)[:1000]}")

    def end(self):
        """Prints what failed, and the counts; gives the exit code."""
        for line in self.failed:
            print(f"FAILED {line}")
        print(f"{self.passed} passed, {len(self.failed)} failed")
        return 1 if self.failed or not self.passed else 0
