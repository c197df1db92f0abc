# Commands of the project; `make help` lists them.
SHELL := /bin/bash
CONFIGURATION ?= Release
GOLDEN ?= testassets/golden
VERSION := $(shell sed -n 's|.*<Version>\(.*\)</Version>.*|\1|p' Directory.Build.props)
SHIPPED := src/AttentionOperator src/AttentionOperator.Gateway src/AttentionOperator.Runtime src/AttentionOperator.Sandbox src/AttentionOperator.Cli
PACKAGING := tools/AttentionOperator.Packaging/bin/$(CONFIGURATION)/net10.0/attention-packaging
TOOLS := $(if $(wildcard artifacts/tools/helm),artifacts/tools/,)
IMAGE_BUILDER ?= buildah
IMAGE_PREFIX ?=
IMAGE_BUILD_FLAGS ?=

.DEFAULT_GOAL := help
.PHONY: images-check help build run stop demo test lint fidelity generate sbom images chart golden hooks sample-models quality fuzz

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-18s %s\n", $$1, $$2}'

build: ## Build everything
	dotnet build AttentionOperator.sln -c $(CONFIGURATION)

test: ## Build and run all tests
	build/test.sh

lint: ## Formatting and analyzers
	dotnet format AttentionOperator.sln --verify-no-changes

generate: ## Write what is generated: the CRDs, docs/api*.md, docs/third-party.md
	dotnet run --project src/AttentionOperator -c $(CONFIGURATION) -- crd --output $(CURDIR)/crds
	cp crds/*.attentionoperator.io.yaml config/crd/
	dotnet build tools/AttentionOperator.Packaging -c $(CONFIGURATION) --nologo -v quiet
	$(PACKAGING) api-reference > docs/.generated && mv docs/.generated docs/api.md
	$(PACKAGING) api-reference ClusterAttentionPolicy > docs/.generated && mv docs/.generated docs/api-policies.md
	for project in $(SHIPPED); do dotnet restore $$project -v quiet || exit 1; done
	$(PACKAGING) third-party $(SHIPPED) > docs/.generated && mv docs/.generated docs/third-party.md

sbom: ## Write a CycloneDX bill of materials per program to artifacts/sbom
	dotnet build tools/AttentionOperator.Packaging -c $(CONFIGURATION) --nologo -v quiet
	for project in $(SHIPPED); do dotnet restore $$project -v quiet || exit 1; done
	$(PACKAGING) sbom $(SHIPPED) --product-version $(VERSION) --output artifacts/sbom

images: ## Build the images with IMAGE_BUILDER (buildah or docker); IMAGE_PREFIX goes before their names
	for target in operator gateway runtime runtime-cuda; do \
	  $(IMAGE_BUILDER) build --target $$target --build-arg SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) --build-arg VERSION=$(VERSION) --build-arg REVISION=$$(git rev-parse HEAD) \
	    $(IMAGE_BUILD_FLAGS) -t $(IMAGE_PREFIX)attention-$$target:$(VERSION) . || exit 1; done

images-check: ## Build the images twice with buildah, compare layers, print sizes; says why where it cannot
	build/images-check.sh

chart: ## Check the Helm chart and package it to artifacts/charts
	@build/kubectl.sh
	$(TOOLS)helm lint --strict charts/attention-operator
	$(TOOLS)helm package charts/attention-operator --destination artifacts/charts

golden: ## Write the reviewed output of the chart's tests again
	dotnet build tests/AttentionOperator.Packaging.Tests -c $(CONFIGURATION) --nologo -v quiet
	UPDATE_GOLDEN=1 tests/AttentionOperator.Packaging.Tests/bin/$(CONFIGURATION)/net10.0/AttentionOperator.Packaging.Tests -class AttentionOperator.Packaging.Tests.Rendering.GoldenTests

hooks: ## Check each commit of this clone before it is made
	git config core.hooksPath build/hooks

fidelity: ## Compare every fixture of GOLDEN=<dir> with the reference
	dotnet build tools/AttentionOperator.Fidelity -c $(CONFIGURATION) --nologo -v quiet
	tools/AttentionOperator.Fidelity/bin/$(CONFIGURATION)/net10.0/attention-fidelity $(GOLDEN)

run: quickstart ## Serve the sample models on this machine, until Ctrl-C or make stop
	@exec tools/AttentionOperator.Quickstart/bin/$(CONFIGURATION)/net10.0/attention-quickstart --configuration $(CONFIGURATION)

demo: quickstart ## Tell the same story unattended
	@exec tools/AttentionOperator.Quickstart/bin/$(CONFIGURATION)/net10.0/attention-quickstart --configuration $(CONFIGURATION) --unattended

stop: ## Stop what make run started
	@build/stop.sh

.PHONY: quickstart
quickstart:
	@build/prerequisites.sh
	@for project in src/AttentionOperator.Sandbox src/AttentionOperator src/AttentionOperator.Gateway src/AttentionOperator.Runtime tools/AttentionOperator.Quickstart; do \
	  echo "building $$project"; dotnet build $$project -c $(CONFIGURATION) --nologo -v quiet || exit 1; done

sample-models: ## Train models/ again (about half an hour); needs apt for the text
	build/sample-models.sh

quality: ## Measure what lower precisions cost on the decoders of GOLDEN=<dir>
	dotnet build tools/AttentionOperator.Fidelity -c $(CONFIGURATION) --nologo -v quiet
	tools/AttentionOperator.Fidelity/bin/$(CONFIGURATION)/net10.0/attention-fidelity --quality $(GOLDEN)

.PHONY: quality-samples bench publish
quality-samples: ## Measure what lower precisions cost on the sample decoders and their held-out text; needs apt for the text
	dotnet build tools/AttentionOperator.Fidelity -c $(CONFIGURATION) --nologo -v quiet
	dotnet build tools/AttentionOperator.SampleModels -c $(CONFIGURATION) --nologo -v quiet
	tools/AttentionOperator.SampleModels/bin/$(CONFIGURATION)/net10.0/sample-models held-out --text $$(build/sample-text.sh) --output artifacts/held-out.txt
	tools/AttentionOperator.Fidelity/bin/$(CONFIGURATION)/net10.0/attention-fidelity --quality-on artifacts/held-out.txt models austen-v1 austen-v2

bench: bench-skeleton bench-rollout bench-inference bench-operator bench-runtime bench-gateway bench-scaling ## Run all benchmarks (about an hour on a quiet machine)

publish: ## Publish the programs to artifacts/publish
	@for project in AttentionOperator AttentionOperator.Gateway AttentionOperator.Runtime AttentionOperator.Sandbox AttentionOperator.Cli; do \
	  dotnet publish src/$$project -c $(CONFIGURATION) --nologo -v quiet -o artifacts/publish/$$project || exit 1; done

fuzz: ## Send odd requests to the runtime for FUZZ_SECONDS (default 300)
	dotnet build tests/AttentionOperator.Runtime.Tests -c $(CONFIGURATION) --nologo -v quiet
	FUZZ_SECONDS=$${FUZZ_SECONDS:-300} tests/AttentionOperator.Runtime.Tests/bin/$(CONFIGURATION)/net10.0/AttentionOperator.Runtime.Tests -class AttentionOperator.Runtime.Tests.FuzzTests

bench-skeleton: quickstart ## Measure the quickstart: time to ready, to the first token, tokens per second, memory
	tools/AttentionOperator.Quickstart/bin/$(CONFIGURATION)/net10.0/attention-quickstart --configuration $(CONFIGURATION) --unattended --measure

.PHONY: bench-inference
bench-gpu: ## Measure on a CUDA device beside transformers; PYTHON=<python with torch and transformers>
	dotnet build bench/AttentionOperator.GpuBench -c $(CONFIGURATION) -p:TorchFlavour=Cuda --nologo -v quiet
	bench/AttentionOperator.GpuBench/bin/$(CONFIGURATION)/net10.0/attention-gpu-bench $(or $(PYTHON),python3) bench/results 125m 1b

bench-inference: ## Measure the engine against the machine's bounds, a libtorch loop, and llama.cpp and ONNX Runtime where bench-peers has installed them; BENCH_SECONDS (default 4) per figure
	dotnet build bench/AttentionOperator.InferenceBench -c $(CONFIGURATION) --nologo -v quiet
	bench/AttentionOperator.InferenceBench/bin/$(CONFIGURATION)/net10.0/attention-inference-bench --seconds $${BENCH_SECONDS:-4}

.PHONY: bench-peers
bench-peers: ## Put the peers of bench-inference under bench/peers/installed
	bench/peers/install-llama-cpp.sh
	bench/peers/install-onnxruntime.sh

.PHONY: conformance
conformance: ## State Kubernetes behaviour against the Sandbox, or the cluster of KUBECONFIG
	@build/kubectl.sh
	dotnet build tests/AttentionOperator.Conformance -c $(CONFIGURATION) --nologo -v quiet
	tests/AttentionOperator.Conformance/bin/$(CONFIGURATION)/net10.0/AttentionOperator.Conformance

.PHONY: bench-rollout
bench-rollout: ## Simulate thousands of canaries: false rollbacks, detection power and delay
	dotnet build bench/AttentionOperator.Bench.Rollout -c $(CONFIGURATION) --nologo -v quiet
	bench/AttentionOperator.Bench.Rollout/bin/$(CONFIGURATION)/net10.0/attention-bench-rollout $(CURDIR)

.PHONY: soak
soak: ## Churn SOAK_MODELS (default 500) models for SOAK_MINUTES (default 30); fails where the operator's memory grows by more than 48 MiB
	dotnet build bench/AttentionOperator.OperatorBench -c $(CONFIGURATION) --nologo -v quiet
	bench/AttentionOperator.OperatorBench/bin/$(CONFIGURATION)/net10.0/attention-operator-bench --configuration $(CONFIGURATION) --count $${SOAK_MODELS:-500} --churn-minutes $${SOAK_MINUTES:-30} --growth-limit-mb 48

.PHONY: bench-operator
bench-operator: ## Measure the operator with COUNT (default 10000) models, CHURN_MINUTES (default 0) of soak
	dotnet build bench/AttentionOperator.OperatorBench -c $(CONFIGURATION) --nologo -v quiet
	bench/AttentionOperator.OperatorBench/bin/$(CONFIGURATION)/net10.0/attention-operator-bench --configuration $(CONFIGURATION) --count $${COUNT:-10000} --churn-minutes $${CHURN_MINUTES:-0}

.PHONY: bench-runtime
bench-runtime: ## Measure the runtime's server: LOAD_SECONDS (default 600) of twice its capacity, faults, drains, starts
	dotnet build bench/AttentionOperator.RuntimeBench -c $(CONFIGURATION) --nologo -v quiet
	bench/AttentionOperator.RuntimeBench/bin/$(CONFIGURATION)/net10.0/attention-runtime-bench --configuration $(CONFIGURATION) --load-seconds $${LOAD_SECONDS:-600}

.PHONY: bench-gateway
bench-gateway: ## Measure the gateway with everything on, beside haproxy and nginx
	dotnet build bench/AttentionOperator.GatewayBench -c $(CONFIGURATION) --nologo -v quiet
	bench/AttentionOperator.GatewayBench/bin/$(CONFIGURATION)/net10.0/attention-gateway-bench --configuration $(CONFIGURATION) --peers "$$(build/bench-peers.sh)"

.PHONY: bench-scaling
bench-scaling: ## Measure scaling with real runtimes: a step of load in both modes, from zero, an evicted node (about 4 minutes)
	for project in src/AttentionOperator.Sandbox src/AttentionOperator src/AttentionOperator.Gateway src/AttentionOperator.Runtime bench/AttentionOperator.ScalingBench; do \
	  dotnet build $$project -c $(CONFIGURATION) --nologo -v quiet || exit 1; done
	bench/AttentionOperator.ScalingBench/bin/$(CONFIGURATION)/net10.0/attention-scaling-bench --root $(CURDIR) --configuration $(CONFIGURATION)
