# Two commands: `make run` and `make test`. The rest: `make help`.
# Paths are relative, because the project's own path may contain spaces; macOS brings GNU make 3.81, so nothing newer.

PORT ?= 8501
HTTPS ?= 0
PYTHON := .venv/bin/python
APP := .venv/requirements.installed
DEVELOPMENT := .venv/requirements-dev.installed

.PHONY: help run class check test bench load faults topology fuzz pretrained screenshots
.DELETE_ON_ERROR:

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

run: $(APP) ## install what is missing and serve on http://localhost:8501 (another port: make run PORT=8600)
	@$(PYTHON) -m tools.serve --port "$(PORT)"

class: $(APP) ## serve to the local network; prints the address and a QR code (over TLS: make class HTTPS=1)
	@$(PYTHON) -m tools.serve --port "$(PORT)" --class $(if $(filter-out 0,$(HTTPS)),--https)

check: $(DEVELOPMENT) ## check style, imports, types and sizes
	@$(PYTHON) -m ruff check --quiet .
	@$(PYTHON) -m ruff format --quiet --check .
	@$(PYTHON) -c "from importlinter.cli import lint_imports_command; lint_imports_command()" --no-logo
	@$(PYTHON) -m mypy
	@$(PYTHON) -m tools.check_sizes

test: check ## install what is missing, a browser too, and run every check and test
	@$(PYTHON) -m tools.find_browser
	@$(PYTHON) -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

bench: $(DEVELOPMENT) ## time the app beside the tutorial's recipe and its peers; prints ratios
	@$(PYTHON) -m benchmarks

load: $(DEVELOPMENT) ## let thirty, sixty and a hundred visitors click on all pages beside two jobs; prints percentiles
	@$(PYTHON) -m benchmarks load

topology: $(DEVELOPMENT) ## start two servers, a proxy, a scheduler and two workers, and kill some; says what went on
	@$(PYTHON) -m tools.topology

fuzz: $(DEVELOPMENT) ## try 20,000 odd files, addresses and widget values; prints what is not withstood
	@$(PYTHON) -m tools.fuzz

faults: $(DEVELOPMENT) ## kill processes, fill the disk, damage files, set the clock; prints what is not withstood
	@$(PYTHON) -m tools.faults

pretrained: $(APP) ## train the models in cnn/pretrained again
	@$(PYTHON) -m cnn.pretrained
	@$(PYTHON) -m cnn.pretrained.train_comparison

screenshots: $(DEVELOPMENT) ## photograph every page, into build/screenshots
	@$(PYTHON) -m tools.find_browser
	@$(PYTHON) -m tools.screenshots

# A candidate is tried, not just looked up: pyenv's shims exist for versions that are not active, and Debian's Python
# lacks ensurepip until python3-venv is installed.
.venv/bin/python:
	@for python in python3.11 python3.12 python3.13 python3; do \
	    if "$$python" -c 'import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' >/dev/null 2>&1; \
	    then echo "Making .venv with $$python"; exec "$$python" -m venv --clear .venv; fi; \
	done; \
	echo "No Python 3.11, 3.12 or 3.13 with its venv module was found (3.14 is too new: TensorFlow does not support it)."; \
	echo "Debian, Ubuntu, WSL: sudo apt-get install python3 python3-venv. macOS: brew install python@3.13. Then run make again."; \
	exit 1

.venv/%.installed: %.txt .venv/bin/python
	@echo "Installing $<: a minute or two and 2.6 GB of disk the first time"
	@$(PYTHON) -m pip install --disable-pip-version-check --no-input --requirement $< || { \
	    echo "Installing failed, see above. It needs 64-bit Linux (or WSL) or a Mac with Apple silicon, 3 GB of disk, and a"; \
	    echo ".venv of Python 3.11, 3.12 or 3.13: delete the folder .venv to have it made again."; \
	    exit 1; }
	@$(PYTHON) -m pip check
	@touch $@

$(DEVELOPMENT): requirements.txt
