from pathlib import Path

from aiopslab.config import Config

BASE_DIR = Path(__file__).resolve().parent
config = Config(BASE_DIR / "config.yml")
RESULTS_DIR = BASE_DIR / config.get("data_dir") / "results"
CHART = BASE_DIR / "chart"
