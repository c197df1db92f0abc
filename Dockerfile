# syntax=docker/dockerfile:1
# Images of the product: --target operator, gateway, runtime (CPU) or runtime-cuda. All run as user 65532 with a read-only root file system.
# Base images are arguments, so that a mirror without access to the internet can build: see docs/images.md.
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0
ARG ASPNET_IMAGE=mcr.microsoft.com/dotnet/aspnet:10.0

FROM ${SDK_IMAGE} AS source
# Empty: the feeds that the SDK is configured with.
ARG NUGET_SOURCE=
# Seconds since 1970 of the commit; what is written into images carries no other time.
ARG SOURCE_DATE_EPOCH=0
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1 SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH} NUGET_SOURCE=${NUGET_SOURCE}
WORKDIR /source
COPY global.json .editorconfig Directory.Build.props Directory.Build.targets Directory.Packages.props ./
COPY build/ build/
COPY src/ src/

# One stage per program, so that a change of one rebuilds no other. Deterministic and PathMap make assemblies the same on every machine;
# touch makes the files so.
FROM source AS publish-operator
RUN dotnet publish src/AttentionOperator -c Release ${NUGET_SOURCE:+--source ${NUGET_SOURCE}} -p:ContinuousIntegrationBuild=true -p:PathMap=/source=/_ -p:DebugType=embedded -o /app \
 && find /app -exec touch --no-dereference --date=@${SOURCE_DATE_EPOCH} {} +

FROM source AS publish-gateway
RUN dotnet publish src/AttentionOperator.Gateway -c Release ${NUGET_SOURCE:+--source ${NUGET_SOURCE}} -p:ContinuousIntegrationBuild=true -p:PathMap=/source=/_ -p:DebugType=embedded -o /app \
 && find /app -exec touch --no-dereference --date=@${SOURCE_DATE_EPOCH} {} +

FROM source AS publish-runtime
RUN dotnet publish src/AttentionOperator.Runtime -c Release ${NUGET_SOURCE:+--source ${NUGET_SOURCE}} -p:TorchFlavour=Cpu -p:ContinuousIntegrationBuild=true -p:PathMap=/source=/_ -p:DebugType=embedded -o /app \
 && find /app -exec touch --no-dereference --date=@${SOURCE_DATE_EPOCH} {} +

FROM source AS publish-runtime-cuda
RUN dotnet publish src/AttentionOperator.Runtime -c Release ${NUGET_SOURCE:+--source ${NUGET_SOURCE}} -p:TorchFlavour=Cuda -p:ContinuousIntegrationBuild=true -p:PathMap=/source=/_ -p:DebugType=embedded -o /app \
 && find /app -exec touch --no-dereference --date=@${SOURCE_DATE_EPOCH} {} +

FROM ${ASPNET_IMAGE} AS base
ARG VERSION=0.1.0
ARG REVISION=
LABEL org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# Diagnostics open a socket in /tmp for whoever shares the pod; health is asked over HTTP.
ENV DOTNET_EnableDiagnostics=0 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
WORKDIR /app
USER 65532:65532

FROM base AS operator
COPY --from=publish-operator /app /app
EXPOSE 8081
ENTRYPOINT ["/app/attention-operator"]

FROM base AS gateway
COPY --from=publish-gateway /app /app
EXPOSE 8080 8081
ENTRYPOINT ["/app/attention-gateway"]

FROM base AS runtime
COPY --from=publish-runtime /app /app
EXPOSE 8000
ENTRYPOINT ["/app/attention-runtime"]

# CUDA's libraries come with the package; the driver's come from the node, by NVIDIA's container toolkit, which reads the two variables.
FROM base AS runtime-cuda
ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
COPY --from=publish-runtime-cuda /app /app
EXPOSE 8000
ENTRYPOINT ["/app/attention-runtime"]
