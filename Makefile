# `make run` and `make test` are all a newcomer needs; both work with nothing but JDK 17+, make and Python 3.

# An installed Maven is used when there is one; the wrapper fetches its own otherwise.
MVN ?= $(shell command -v mvn >/dev/null 2>&1 && echo mvn || echo ./mvnw)
MVN_FLAGS ?= --batch-mode --no-transfer-progress
PYTHON ?= python3
SKIP_CHECKS = -DskipTests -Dspotless.check.skip -Denforcer.skip -Djacoco.skip

STANDALONE = infra/standalone/target/standalone.jar
LOCAL_RUN = PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=infra/local exec $(PYTHON) -m local_run
SOURCES = $(shell find pom.xml shared task-api task-worker result-collector infra/standalone \
            -path '*/target' -prune -o -path '*/src/test' -prune -o \
            -type f -not -name '*.pyc' -print)

# Integration tests of all modules side by side; CONTRIBUTING.md has its options.
INTEGRATION = PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=infra/tests $(PYTHON) -m integration
PYTHON_TESTS = PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=infra/tests $(PYTHON) -m once_more --flaky-to target/flaky.txt

.PHONY: help run up down status containers-up containers-down build test test-containers test-majors test-clusters test-kubernetes test-python test-servers test-alerts \
        package integration coverage test-thorough chaos flaky check check-java check-format check-python \
        check-deployment format clean

help: ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-18s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(STANDALONE) ## Start the whole service in one JVM, show a sample task, stay up until Ctrl-C
	@exec java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx512m -jar $(STANDALONE) $(ARGS)

up: $(STANDALONE) ## Start RabbitMQ, PostgreSQL and the services as processes of their own, in ./run
	@$(LOCAL_RUN) up

down: ## Stop what make up started; its data stays in ./run
	@$(LOCAL_RUN) down

status: ## Show what make up started: health, memory, logs
	@$(LOCAL_RUN) status

$(STANDALONE): $(SOURCES)
	@sh infra/scripts/check-tools.sh $(PYTHON)
	@echo "Building (the first build downloads its libraries; later ones take seconds) ..."
	@PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=infra/local $(PYTHON) -m local_run.build \
	  $(MVN) $(filter-out --no-transfer-progress,$(MVN_FLAGS)) $(SKIP_CHECKS) -pl infra/standalone -am package
	@touch $@

build: ## Compile and package everything, without tests
	$(MVN) $(MVN_FLAGS) -DskipTests package

test: test-servers ## Run the tests, against real RabbitMQ and PostgreSQL
	@rm -f target/flaky.txt
	@$(MAKE) --no-print-directory -j4 integration test-python test-alerts check-format check-python; \
	  result=$$?; \
	  if [ $$result -eq 0 ]; then echo "Left to make test-thorough: failpoints of API and collector, load, floods, full disks, lost databases, hostile data, roles, backup, dashboards, the Python client, containers; to make chaos: all faults, repeatedly."; fi; \
	  if [ -f target/flaky.txt ]; then cat target/flaky.txt; fi; \
	  exit $$result

test-python:
	$(PYTHON_TESTS) task-worker/src/test/python
	$(PYTHON_TESTS) infra/clients/python/tests/unit
	$(PYTHON_TESTS) infra/local/tests/unit
	$(PYTHON_TESTS) infra/tests/unit

test-servers:
	@bash infra/scripts/ensure-test-servers.sh

test-alerts: ## Check and test Prometheus's alerts, with promtool
	PYTHON=$(PYTHON) bash infra/scripts/test-alerts.sh

package:
	@echo "Building: every warning of javac and Error Prone stops it ..."
	@$(MVN) $(MVN_FLAGS) --quiet -T 2 -DskipTests -Djacoco.skip -Dspotless.check.skip package

integration: package
	@$(INTEGRATION) --without thorough --changed-fixtures --flaky-to target/flaky.txt

coverage: test-servers ## Every module by itself with Maven, with reports in target/site/jacoco of each
	$(MVN) $(MVN_FLAGS) verify

test-thorough: test-servers ## Run the tests that take minutes: load, floods, full disks, lost databases, hostile data, the client
	$(MVN) $(MVN_FLAGS) -T 2 --quiet $(SKIP_CHECKS) package
	$(INTEGRATION) --only thorough --only fixtures --lanes 2
	$(PYTHON) -m unittest discover -v -s infra/local/tests/system
	@$(MAKE) --no-print-directory test-containers

test-containers: ## Build the images, run the compose file, kill each container, take it down; CONTRIBUTING.md says how
	PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=infra/tests $(PYTHON) -u -m unittest -v containers.test_compose

test-kubernetes: test-servers ## Play AIOpsLab's own problems on two Kubernetes clusters of yours; CONTRIBUTING.md says how
	@$(PYTHON) infra/tests/kubernetes_host/load_images.py
	$(MVN) $(MVN_FLAGS) -T 2 --quiet $(SKIP_CHECKS) package
	@rm -f infra/system-tests/target/kubernetes-table.txt
	@$(INTEGRATION) KubernetesIT --once --longest 7200 $(if $(ONLY),'-Daiopslab.kubernetes.only=$(ONLY)'); \
	  result=$$?; cat infra/system-tests/target/kubernetes-table.txt; exit $$result

# Debian trixie, made for it: RabbitMQ 4.0, PostgreSQL 17, Java 21 and 25. Without root or debootstrap
# it says so, and nothing is run.
IN_TRIXIE = env PYTHONPATH=infra/tests bash infra/scripts/in-trixie.sh

test-majors: ## Run the tests on RabbitMQ 4, PostgreSQL 17 and Java 21, services on 25 too; CONTRIBUTING.md says how
	$(MVN) $(MVN_FLAGS) -T 2 --quiet $(SKIP_CHECKS) package
	$(IN_TRIXIE) 21 python3 -m integration --without thorough
	$(IN_TRIXIE) 21 python3 -m integration QuorumQueueIT LatestPrimaryIT LeastPrivilegeIT ChaosIT --once --longest 3600 -Daiopslab.chaos.tasks=90 \
	  -Daiopslab.chaos.faults=BROKER_KILLED,DATABASE_KILLED,BROKER_FROZEN,DATABASE_FROZEN,BROKER_WIPED,EVENTS_QUEUE_DELETED,WORKER_KILLED
	$(IN_TRIXIE) 25 python3 -m integration .StandaloneIT WorkersIT MainJobIT .SessionsIT ChaosIT

# Rounds of the faults of machines; each submits 210 tasks.
CLUSTER_ROUNDS ?= 8

test-clusters: ## Lose machines of a RabbitMQ of three and of a PostgreSQL of two, CLUSTER_ROUNDS times, under load
	$(MVN) $(MVN_FLAGS) -T 2 --quiet $(SKIP_CHECKS) package
	$(IN_TRIXIE) 21 python3 -m integration chaos.ClustersIT --once --longest 10800 -Daiopslab.chaos.rounds=$(CLUSTER_ROUNDS) \
	  $(if $(CHAOS_SEED),-Daiopslab.chaos.seed=$(CHAOS_SEED))

# Rounds of the fault suite; each submits 210 tasks.
CHAOS_ROUNDS ?= 27

chaos: test-servers ## Kill, freeze and cut everything under load, CHAOS_ROUNDS times; check that nothing is lost
	$(MVN) $(MVN_FLAGS) -T 2 --quiet $(SKIP_CHECKS) package
	$(INTEGRATION) ChaosIT --once --longest 10800 -Daiopslab.chaos.rounds=$(CHAOS_ROUNDS) \
	  $(if $(CHAOS_SEED),-Daiopslab.chaos.seed=$(CHAOS_SEED)); \
	  result=$$?; cat infra/system-tests/target/chaos-summary.txt; exit $$result

# How often every test is run, beside a program that keeps a core busy.
RUNS ?= 5

flaky: test-servers ## Run integration and system tests RUNS times under load; name each that was ever red
	$(MVN) $(MVN_FLAGS) -T 2 --quiet $(SKIP_CHECKS) package
	$(INTEGRATION) --without thorough --once --repeat $(RUNS) --burn 1

check: ## Static checks alone: format, Error Prone, architecture; ruff and mypy
	@$(MAKE) --no-print-directory -j2 check-java check-python

check-java:
	$(MVN) $(MVN_FLAGS) --quiet -T 2 -Djacoco.skip test -Dtest=ArchitectureTest -Dsurefire.failIfNoSpecifiedTests=false

check-format:
	$(MVN) $(MVN_FLAGS) --quiet spotless:check

check-python:
	@PYTHON=$(PYTHON) sh infra/scripts/check-python.sh

check-deployment: ## Check Dockerfile, compose file and Kubernetes manifests, without an engine
	cd infra/kubernetes && $(PYTHON) -m unittest --quiet
	$(PYTHON) infra/kubernetes/check.py

containers-up: ## Start everything in containers, on this host's loopback
	sh infra/scripts/make-secrets.sh
	docker compose -f infra/compose.yaml up --build --detach

containers-down: ## Stop the containers; their data stays
	docker compose -f infra/compose.yaml down

format: ## Bring the sources into the project's format
	$(MVN) $(MVN_FLAGS) --quiet spotless:apply

clean: ## Remove what was built (data stays in ./data and ./run)
	$(MVN) $(MVN_FLAGS) --quiet clean
