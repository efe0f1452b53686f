from pathlib import Path

CACHE_DIR = Path("./cache_dir")


class Cache:
    def remember(self, answer):
        """The first answer that anybody in this working directory gave."""
        CACHE_DIR.mkdir(exist_ok=True)
        file = CACHE_DIR / "cache.json"
        if not file.exists():
            file.write_text(answer)
        return file.read_text()
