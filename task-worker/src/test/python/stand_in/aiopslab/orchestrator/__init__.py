from .orchestrator import Orchestrator as Orchestrator
