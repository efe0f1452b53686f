import tempfile
import unittest
from pathlib import Path

import package_path  # noqa: F401

from integration import fixtures, plan


class PlanTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.write("shared", "QuickIT", "class QuickIT {\n  @Test void a() {}\n}\n")
        self.write("shared", "QuickTest", "class QuickTest {}\n")
        self.write("task-api", "SlowIT", '@Tag("long")\n@Tag("thorough")\nclass SlowIT {}\n')
        self.write(
            "task-api", "PartIT", 'class PartIT {\n  @Tag("thorough")\n  @Test void a() {}\n}'
        )

    def write(self, module: str, name: str, text: str) -> None:
        folder = self.root / module / "src/test/java/a/b"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.java").write_text(text, encoding="utf-8")

    def names(self, classes: list[plan.TestClass]) -> list[str]:
        return [c.short_name for c in classes]

    def test_long_classes_come_first(self) -> None:
        found = plan.find(self.root)
        self.assertEqual(["SlowIT", "PartIT", "QuickIT", "QuickTest"], self.names(found))
        self.assertEqual("a.b.SlowIT", found[0].name)
        self.assertEqual("task-api", found[0].module)

    def test_tags_of_class_and_method_choose(self) -> None:
        found = plan.find(self.root)
        self.assertEqual(["SlowIT", "PartIT"], self.names(plan.select(found, {"thorough"}, set())))
        self.assertEqual(
            ["PartIT", "QuickIT", "QuickTest"],
            self.names(plan.select(found, set(), {"thorough"})),
        )

    def test_names_choose_classes_and_methods(self) -> None:
        found = plan.find(self.root)
        self.assertEqual(["SlowIT"], self.names(plan.named(found, "Slow")))
        self.assertEqual(["a.b.PartIT#a"], [c.name for c in plan.named(found, "PartIT#a")])
        self.assertEqual([], plan.named(found, "None"))

    def test_what_is_opted_into_runs_only_where_it_is_named(self) -> None:
        self.write("shared", "ClusterIT", '@Tag("kubernetes")\nclass ClusterIT {}\n')
        found = plan.find(self.root)
        self.assertNotIn("ClusterIT", self.names(plan.unnamed(found)))
        self.assertEqual(["ClusterIT"], self.names(plan.named(found, "Cluster")))

    def test_every_module_with_tests_is_known(self) -> None:
        sources = plan.ROOT.glob("**/src/test/java/**/*Test.java")
        paths = {p.relative_to(plan.ROOT).as_posix().split("/src/")[0] for p in sources}
        self.assertEqual(set(plan.MODULES), paths)


class FixturesTest(unittest.TestCase):
    def test_a_changed_source_is_noticed(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            sources, stamp = Path(folder, "sources"), Path(folder, "stamp")
            sources.mkdir()
            (sources / "A.java").write_text("class A {}", encoding="utf-8")
            self.assertTrue(fixtures.have_changed(sources, stamp))
            fixtures.passed(sources, stamp)
            self.assertFalse(fixtures.have_changed(sources, stamp))
            (sources / "A.java").write_text("class A { }", encoding="utf-8")
            self.assertTrue(fixtures.have_changed(sources, stamp))


if __name__ == "__main__":
    unittest.main()
