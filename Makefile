# Copyright (c) 2026 The zstack.aios authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Needed: Python >= 3.11 (PYTHON=... names another one), git, make, and an index of Python packages.
# Everything is created below .work/, and nothing is written anywhere else.

WORK := $(CURDIR)/.work
VENV = $(WORK)/core$(addprefix -,$(CORE))
TOOLS = $(WORK)/tools
LINT = $(WORK)/lint
DOCS_VENV = $(WORK)/docs-venv
CERTIFICATION = $(WORK)/certification

# Ansible finds the collection in a copy, so the checkout may be called anything.
TREES := $(WORK)/tree
TREE := $(TREES)/ansible_collections/zstack/aios

# A second ansible-core: make unit CORE=2.16 (PYTHON=... has to be one that it runs on)
CORE =

# Neither the settings of the developer nor those of a real platform reach a test.
unexport $(filter ANSIBLE_% ZSTACK_% PYTEST_%,$(.VARIABLES))
# With it, the standard library would be compiled anew in every process, since its compiled files are looked for below .work/.
unexport PYTHONDONTWRITEBYTECODE
export LC_ALL := C.UTF-8
export ANSIBLE_HOME := $(WORK)/ansible-home
export ANSIBLE_COLLECTIONS_PATH := $(TREES)
export PYTHONPYCACHEPREFIX := $(WORK)/pycache
export HYPOTHESIS_STORAGE_DIRECTORY := $(WORK)/hypothesis
# The simulator listens here; a proxy could not reach it.
comma := ,
export NO_PROXY := 127.0.0.1,localhost$(if $(NO_PROXY),$(comma)$(NO_PROXY))
export no_proxy := $(NO_PROXY)

# The oldest ansible-core, beside the newest one of the other targets; and the oldest Python that runs the modules. Both have the oldest libraries.
OLDEST := 2.16
OLDEST_VENV := $(WORK)/oldest
TARGET := 3.9
OLDEST_LIBRARIES := "requests==2.25.0" "urllib3==1.26.0"
TARGET_VENV := $(WORK)/target-$(TARGET)
# A target that this machine cannot run writes the reason here and passes; the summary of "make test" lists it.
LEFT_OUT := $(WORK)/left-out

# Tests run side by side; WORKERS=0 runs them one by one, as a debugger needs it.
WORKERS = auto
PYTEST = pytest -n $(WORKERS) --dist loadgroup --maxprocesses 8
# "make coverage" measures which lines and branches of the plugins the unit tests run, which makes them half as slow again.
MEASURED =
# In percent, of lines and branches together; whoever raises the coverage raises it.
COVERAGE = 95
# The step under whose name the failed tests are kept
CACHE = $@

IN_TREE = cd "$(TREE)" && HOME="$(WORK)/home" PYTHONPATH="$(TREES):$(TREE)/tests" PATH="$(VENV)/bin:$$PATH"
IN_TREE_TOOLS = cd "$(TREE)" && HOME="$(WORK)/home" PATH="$(TOOLS)/bin:$$PATH"
FOR_COVERAGE = COVERAGE_FILE="$(WORK)/coverage/data"
FIND_PYTHON = python=$$(sh tests/tools/find_python.sh $(PYTHON))
MAKE_VENV = $(FIND_PYTHON) && "$$python" tests/tools/make_venv.py
FIND = "$(VENV)/bin/python" tests/tools/cores.py
VERSIONS = "$(VENV)/bin/python" -c 'import importlib.metadata, sys; print("ansible-core %s on Python %d.%d" % (importlib.metadata.version("ansible-core"), *sys.version_info[:2]))'

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@echo "Usage: make TARGET [VARIABLE=VALUE ...]"
	@echo
	@awk -F ' ## ' '/^[a-z-]+:.* ## / { sub(/:.*/, "", $$1); printf "  %-17s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "Variables: PYTHON (interpreter), CORE (version of ansible-core, such as 2.16), ARGS (passed to pytest or nox),"
	@echo "           WORKERS (tests side by side; 0: one by one)"
	@echo "Environment: TEST_TIME_FACTOR (multiplies every time limit of the tests; 3, for example, on a busy machine)"

.PHONY: demo
demo: venv tree ## show the collection at work against the simulator
	@echo "==> Running the demo"
	@$(IN_TREE) "$(VENV)/bin/python" tests/tools/demo.py $(ARGS)

.PHONY: simulator
simulator: venv ## start the simulator (PORT, SEED=file, DB=file, LATENCY_MS, DIALECT, SERVER_VERSION)
	@echo "==> Starting the simulator; interrupt it to stop"
	@PYTHONPATH="$(CURDIR)/tests" exec "$(VENV)/bin/python" -m simulator \
		$(if $(PORT),--port "$(PORT)") $(if $(SEED),--seed "$(SEED)") $(if $(DB),--db "$(DB)") \
		$(if $(LATENCY_MS),--latency-ms "$(LATENCY_MS)") $(if $(DIALECT),--dialect "$(DIALECT)") \
		$(if $(SERVER_VERSION),--server-version "$(SERVER_VERSION)") $(ARGS)

RUN_STEPS = "$(VENV)/bin/python" tests/tools/run_steps.py --work "$(WORK)"
# They use one processor each, and run side by side.
STATIC = sanity sanity-pylint browser certification mypy ansible-lint docs-lint changelog-lint licences ruff installed

.PHONY: test
test: environments tree ## run all checks; about a quarter of an hour on two processors (CI does the same)
	@echo "==> Running all checks; a summary follows at the end"
	@$(RUN_STEPS) --left-out "other versions of ansible-core and Python, and on ansible-core $(OLDEST) most playbook tests and some unit tests: make test-all" \
		--left-out "the documentation in a browser: make browser" \
		coverage playbooks unit-oldest playbooks-oldest --and-together $(filter-out browser,$(STATIC)) READY=1 SKIPPED=pylint

.PHONY: test-all
test-all: environments tree ## run all checks with every supported ansible-core, on every Python that it supports; about two hours
	@echo "==> Running all checks with every ansible-core; a summary follows at the end"
	@$(RUN_STEPS) coverage matrix --and-together $(filter-out sanity%,$(STATIC)) READY=1

.PHONY: lint
lint: ruff mypy ansible-lint changelog-lint docs-lint licences ## run the checks that only read: Python, ansible-lint, changelog, documentation, licences

.PHONY: coverage
coverage: MEASURED = 1
.PHONY: unit
coverage: venv tree ## run the unit tests and measure the coverage of the plugins
unit: venv tree ## run the unit tests
unit coverage:
	@echo "==> Running the unit tests with $$($(VERSIONS))"
	@$(if $(MEASURED),rm -rf "$(WORK)/coverage" && mkdir "$(WORK)/coverage")
	@$(IN_TREE) $(if $(MEASURED),$(FOR_COVERAGE) coverage run -m) $(PYTEST) -o cache_dir="$(WORK)/pytest/$(CACHE)" tests/unit $(UNITS) $(ARGS)
	@$(if $(MEASURED),$(IN_TREE) $(FOR_COVERAGE) coverage combine --quiet)
	@$(if $(MEASURED),$(IN_TREE) $(FOR_COVERAGE) coverage report $(if $(ARGS),,--fail-under $(COVERAGE)))

.PHONY: playbooks
playbooks: venv tree target-venv ## run the playbook tests against the simulator
	@echo "==> Running the playbook tests with $$($(VERSIONS))"
	@mkdir -p "$(LEFT_OUT)"
	@[ -x "$(TARGET_VENV)/bin/python" ] || echo "modules on Python $(TARGET), which is not on this machine" | tee "$(LEFT_OUT)/$(CACHE)"
	@$(IN_TREE) TARGET_PYTHON="$(TARGET_VENV)/bin/python" $(PYTEST) -o cache_dir="$(WORK)/pytest/$(CACHE)" tests/integration $(MARKED) $(ARGS)

# The steps of "make test" with the oldest ansible-core
.PHONY: unit-oldest playbooks-oldest
unit-oldest: oldest-venv tree ## run the unit tests with the oldest ansible-core and the oldest requests
playbooks-oldest: oldest-venv tree ## run the playbook tests that depend on the version of ansible-core (marked "core") with the oldest one
playbooks-oldest: MARKED := -m core
# These meet ansible-core and requests not at all, or only where other tests do as well.
APART = simulator faults catalog/test_schema.py \
	$(addprefix test_,$(addsuffix .py,benchmark documentation performance_page repository_files security_page style translations))
unit-oldest: UNITS := $(addprefix --ignore=tests/unit/,$(APART))
unit-oldest playbooks-oldest:
	@mkdir -p "$(LEFT_OUT)"
	@if python=$$($(FIND) $(OLDEST) 2>"$(LEFT_OUT)/$@"); then \
		rm "$(LEFT_OUT)/$@"; \
		$(MAKE) --no-print-directory $(subst -oldest,,$@) CORE=$(OLDEST) VENV="$(OLDEST_VENV)" PYTHON="$$python" READY=1 CACHE=$@ MARKED="$(MARKED)" UNITS="$(UNITS)"; \
	else cat "$(LEFT_OUT)/$@"; fi

# Tests that another step runs
SKIPPED =
.PHONY: sanity
sanity: venv tree target-venv ## run ansible-test sanity, with the tests of compiling and importing also on Python 3.9
	@echo "==> Running ansible-test sanity with $$($(VERSIONS))"
	@"$(VENV)/bin/python" tests/tools/prepare_home.py "$(WORK)/home"
	@rm -rf "$(TREE)/tests/output"
	@$(IN_TREE) ansible-test sanity --local \
		--python "$$("$(VENV)/bin/python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')" $(addprefix --skip-test ,$(SKIPPED)) $(ARGS)
# A directory with nothing else, so that it can come first on the path: before a shim of pyenv without a Python behind it.
	@if [ -z '$(ARGS)' ] && [ -x "$(TARGET_VENV)/bin/python" ]; then \
		mkdir -p "$(TARGET_VENV)/only" && ln -sf "$$($(FIND) python $(TARGET))" "$(TARGET_VENV)/only/python$(TARGET)" && \
		$(IN_TREE) PATH="$(TARGET_VENV)/only:$(VENV)/bin:$$PATH" ansible-test sanity --local --python $(TARGET) --test compile --test import; fi
	@rm -rf "$(TREE)/tests/output"

# The longest of these tests, in a copy of its own, so that it can run beside the others
.PHONY: sanity-pylint
sanity-pylint: venv tree
	@rm -rf "$(WORK)/tree-pylint" && cp -R "$(TREES)" "$(WORK)/tree-pylint"
	@$(MAKE) --no-print-directory sanity ARGS="--test pylint" SKIPPED= TREES="$(WORK)/tree-pylint" READY=1

.PHONY: ruff
ruff: lint-venv tree ## check the Python code with ruff
	@echo "==> Running ruff"
	@cd "$(TREE)" && "$(LINT)/bin/ruff" check --cache-dir "$(WORK)/ruff" $(ARGS)

.PHONY: mypy
mypy: lint-venv tree ## check the types of the plugins and of the tools
	@echo "==> Checking the types"
	@cd "$(TREES)" && "$(LINT)/bin/mypy" --config-file "$(TREE)/pyproject.toml" --cache-dir "$(WORK)/mypy" \
		$(addprefix --package ansible_collections.zstack.aios.,plugins tests.tools) $(ARGS)

.PHONY: ansible-lint
ansible-lint: tools tree ## run ansible-lint with the production profile
	@echo "==> Running ansible-lint"
	@$(IN_TREE_TOOLS) ansible-lint --offline --profile production

.PHONY: certification
certification: certification-venv tree ## import the collection as Galaxy does, and lint it, with the versions of the partner certification
	@echo "==> Checking the collection with the versions of the partner certification"
	@mkdir -p "$(LEFT_OUT)"
	@if [ -x "$(CERTIFICATION)/bin/python" ]; then \
		$(IN_TREE) ansible-galaxy collection build --force --output-path "$(WORK)/import" \
		&& cd "$(CURDIR)" && export HOME="$(WORK)/home" PATH="$(CERTIFICATION)/bin:$$PATH" \
		&& python tests/tools/check_import.py "$(WORK)"/import/*.tar.gz && cd "$(TREE)" && ansible-lint --offline --profile production; \
	else echo "galaxy-importer and ansible-lint of the partner certification: no Python for ansible-core $(OLDEST)" | tee "$(LEFT_OUT)/$@"; fi

.PHONY: changelog-lint
changelog-lint: tools tree ## check the changelog fragments
	@echo "==> Checking the changelog fragments"
	@$(IN_TREE_TOOLS) antsibull-changelog lint

.PHONY: docs-lint
docs-lint: tools tree ## check the documentation of the plugins and the docs site
	@echo "==> Checking the documentation"
	@$(IN_TREE_TOOLS) antsibull-docs lint-collection-docs \
		--plugin-docs --validate-collection-refs=self --check-extra-docs-refs .

.PHONY: licences
licences: tools tree ## check that every file states its licence
	@echo "==> Checking the licences"
	@$(IN_TREE_TOOLS) reuse lint

.PHONY: build
build: venv ## build the collection into .work/dist, if the changelog has its version
	@"$(VENV)/bin/python" tests/tools/check_version.py "$(CURDIR)"
	@$(MAKE) --no-print-directory tarball

.PHONY: tarball
tarball: venv tree ## build the collection into .work/dist, whatever the changelog says
	@echo "==> Building the collection"
	@$(IN_TREE) ansible-galaxy collection build --force --output-path "$(WORK)/dist"

.PHONY: installed
installed: tarball ## install the built collection into an empty home, and run the README's playbook there
	@echo "==> Using the installed collection"
	@version=$$(sed -n 's/^version: //p' galaxy.yml) \
		&& "$(VENV)/bin/python" tests/tools/check_installed.py "$(WORK)/dist/zstack-aios-$$version.tar.gz"

.PHONY: bench
bench: VENV = $(WORK)/bench-venv$(addprefix -,$(CORE))
bench: tree ## measure the speed against the simulator (ARGS=--help lists the options)
	@$(MAKE_VENV) "$(VENV)" tests/requirements-bench.txt $(if $(CORE),"ansible-core==$(CORE).*")
	@echo "==> Running the benchmark; it takes 12 to 17 minutes, and the machine should do nothing else"
	@$(IN_TREE) "$(VENV)/bin/python" -m benchmark --output "$(WORK)/bench" --docs "$(CURDIR)/docs" $(ARGS)

.PHONY: faults
faults: venv tree ## play every fault at every request and write docs/faults.md; a run that was interrupted goes on
	@echo "==> Playing every fault at every request"
	@$(IN_TREE) "$(VENV)/bin/python" -m faults.matrix --state "$(WORK)/soak/matrix.json" --page "$(CURDIR)/docs/faults.md" $(ARGS)
	@rm -f "$(WORK)/soak/matrix.json"

SOAK_SEED = 1
SOAK_COUNT = 10000
.PHONY: leaks
leaks: venv tree ## run every module with every sign-in and every failure, and look for secrets; an interrupted run goes on (ARGS="--turn 1": other spellings)
	@echo "==> Looking for secrets in the output of every module"
	@$(IN_TREE) "$(VENV)/bin/python" -m leaks.matrix --state "$(WORK)/leaks/state.json" $(ARGS)

PROCESSES = 200
FUZZ_COUNT = 2000

.PHONY: fuzz
fuzz: venv tree ## read generated input with every parser and write the figures to docs/faults.md (FUZZ_COUNT)
	@echo "==> Reading $(FUZZ_COUNT) examples with each parser"
	@$(IN_TREE) "$(VENV)/bin/python" -W ignore -m faults.parsers --count $(FUZZ_COUNT) --page "$(CURDIR)/docs/faults.md" $(ARGS)

.PHONY: processes
processes: venv tree ## run modules as processes and kill them at random moments (SOAK_SEED, PROCESSES)
	@echo "==> Running $(PROCESSES) schedules of processes, from seed $(SOAK_SEED)"
	@$(IN_TREE) "$(VENV)/bin/python" -m faults.processes --seed $(SOAK_SEED) --count $(PROCESSES) $(ARGS)

.PHONY: soak
soak: venv tree ## run random schedules of faults (SOAK_SEED, SOAK_COUNT); a run that was interrupted goes on
	@echo "==> Running $(SOAK_COUNT) schedules of faults of each family (task, catalog, crowd), from seed $(SOAK_SEED)"
	@for family in task catalog crowd; do $(IN_TREE) "$(VENV)/bin/python" -m faults --state "$(WORK)/soak/state-$$family.json" \
		--family $$family --seed "$(SOAK_SEED)" --count "$(SOAK_COUNT)" $(ARGS) || exit; done

.PHONY: matrix
matrix: tools ## run sanity, unit and playbook tests with every supported ansible-core, on every Python that it supports
	@echo "==> Running the tests with every ansible-core (for one of them: make matrix ARGS='--session \"sanity(2.18)\"')"
	@"$(TOOLS)/bin/nox" --noxfile noxfile.py --envdir "$(WORK)/nox" $(ARGS)

.PHONY: docs
docs: tree ## build the documentation as a site into .work/docs/html
	@$(MAKE_VENV) "$(DOCS_VENV)" tests/requirements-docs.txt
	@echo "==> Building the documentation"
	@sh tests/tools/build_docs.sh "$(TREE)" "$(DOCS_VENV)" "$(WORK)/docs"

.PHONY: browser
browser: docs ## check the site and the HTML report in a browser (Chromium; without it, only links and pages)
	@echo "==> Checking the site and the report in a browser"
	@mkdir -p "$(LEFT_OUT)"
	@for name in $$CHROMIUM chromium chromium-browser google-chrome google-chrome-stable; do command -v "$$name" >/dev/null && exit; done; \
		echo "pages in a browser, because no Chromium is installed" | tee "$(LEFT_OUT)/$@"
	@cd "$(TREE)" && DOCS_SITE="$(WORK)/docs/html" PYTHONPATH="$(TREES)" "$(DOCS_VENV)/bin/python" -m pytest -q -rs \
		-o cache_dir="$(WORK)/pytest/browser" tests/browser $(ARGS)

.PHONY: schema
schema: venv tree ## write the JSON Schema of catalog files from the tables
	@echo "==> Writing schemas/catalog.json"
	@mkdir -p "$(CURDIR)/schemas"
	@$(IN_TREE) "$(VENV)/bin/python" tests/tools/write_schema.py "$(CURDIR)/schemas/catalog.json"

.PHONY: changelog
changelog: tools tree ## turn the changelog fragments into the changelog of the version in galaxy.yml
	@echo "==> Writing the changelog"
	@$(IN_TREE_TOOLS) sh tests/tools/release_changelog.sh "$(CURDIR)" "$(TREE)"

.PHONY: release
release: venv ## check everything that a release needs, build it, and print how to publish it
	@"$(VENV)/bin/python" tests/tools/check_version.py "$(CURDIR)" --release
	@$(MAKE) --no-print-directory test-all build
	@version=$$(sed -n 's/^version: //p' galaxy.yml) && echo "==> Version $$version is ready. Nothing was published. To publish it:" \
		&& echo "git tag --sign $$version && git push origin $$version" \
		&& echo "ansible-galaxy collection publish .work/dist/zstack-aios-$$version.tar.gz"

.PHONY: clean
clean: ## remove everything that was created (.work)
	@echo "==> Removing $(WORK)"
	@rm -rf "$(WORK)"

# READY: the caller has prepared all of this, and its steps are to see the same copy.
.PHONY: venv tools lint-venv certification-venv tree oldest-venv target-venv
ifeq ($(READY),)

# The environment in which the collection runs
venv:
	@$(MAKE_VENV) "$(VENV)" tests/requirements.txt $(if $(CORE),"ansible-core==$(CORE).*")

# All of them; an installation keeps one processor busy.
.PHONY: environments
environments:
	@$(MAKE) --no-print-directory -j 3 venv tools lint-venv certification-venv oldest-venv target-venv

# The environment of the oldest ansible-core, and a Python without Ansible for the modules, if this machine can run them
oldest-venv: venv
	@if python=$$($(FIND) $(OLDEST) 2>/dev/null); then \
		"$$python" tests/tools/make_venv.py "$(OLDEST_VENV)" tests/requirements.txt "ansible-core==$(OLDEST).*" $(OLDEST_LIBRARIES); fi

target-venv: venv
	@if python=$$($(FIND) python $(TARGET) 2>/dev/null); then "$$python" tests/tools/make_venv.py "$(TARGET_VENV)" requirements.txt PyYAML $(OLDEST_LIBRARIES); fi

# The environment of the tools that only read
tools:
	@$(MAKE_VENV) "$(TOOLS)" tests/requirements-tools.txt

# The environment of the checks of the Python code
lint-venv:
	@$(MAKE_VENV) "$(LINT)" tests/requirements-lint.txt

# The environment of the partner certification, if this machine can run its ansible-core
certification-venv: venv
	@if python=$$($(FIND) $(OLDEST) 2>/dev/null); then "$$python" tests/tools/make_venv.py "$(CERTIFICATION)" tests/requirements-certification.txt; fi

tree:
	@mkdir -p "$(WORK)/home"
	@$(FIND_PYTHON) && "$$python" tests/tools/sync_tree.py "$(CURDIR)" "$(TREE)"

endif
