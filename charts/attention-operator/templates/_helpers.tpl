{{- define "attention.prefix" -}}
{{- if .Values.namePrefix -}}
{{- .Values.namePrefix -}}
{{- else if eq .Release.Name .Chart.Name -}}
attention
{{- else -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "attention.operator.name" -}}{{ include "attention.prefix" . }}-operator{{- end -}}
{{- define "attention.gateway.name" -}}{{ include "attention.prefix" . }}-gateway{{- end -}}

{{/* "true" where the API server calls the operator for admission. */}}
{{- define "attention.webhooks" -}}
{{- $enabled := toString .Values.webhooks.enabled -}}
{{- if or (eq $enabled "true") (and (eq $enabled "auto") (eq .Values.watchNamespace "")) -}}true{{- end -}}
{{- end -}}

{{/* Whether the operator serves the API server: admission, or metrics APIs. */}}
{{- define "attention.https" -}}
{{- if or (include "attention.webhooks" .) (eq (include "attention.operator.serves" .) "true") -}}true{{- end -}}
{{- end -}}

{{/* Name of the webhook configurations, which are not namespaced. */}}
{{- define "attention.webhooks.name" -}}
{{- if .Values.watchNamespace -}}{{ include "attention.operator.name" . }}-{{ .Values.watchNamespace }}{{- else -}}{{ include "attention.operator.name" . }}{{- end -}}
{{- end -}}

{{- define "attention.operator.serviceAccount" -}}
{{- .Values.operator.serviceAccount.name | default (include "attention.operator.name" .) -}}
{{- end -}}

{{- define "attention.gateway.serviceAccount" -}}
{{- .Values.gateway.serviceAccount.name | default (include "attention.gateway.name" .) -}}
{{- end -}}

{{/* "true" where the operator serves something over TLS. APIServices are the cluster's: an installation for one namespace has none. */}}
{{- define "attention.operator.serves" -}}
{{- and (eq .Values.watchNamespace "") (or .Values.metricsApi.external .Values.metricsApi.custom) -}}
{{- end -}}

{{/* Labels that select the pods of a component; they never change. Arguments: root, component. */}}
{{- define "attention.selector" -}}
app.kubernetes.io/name: attention-{{ .component }}
app.kubernetes.io/component: {{ .component }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end -}}

{{/* Labels of every object. Arguments: root, and component where the object belongs to one. */}}
{{- define "attention.labels" -}}
{{- if .component }}
{{ include "attention.selector" . }}
{{- else }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end }}
app.kubernetes.io/part-of: attention-operator
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version | replace "+" "_" }}
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Metadata of an object. Arguments: root, name, component, annotations, labels, clusterScoped, namespace. */}}
{{- define "attention.metadata" -}}
name: {{ .name }}
{{- if not .clusterScoped }}
namespace: {{ .namespace | default .root.Release.Namespace }}
{{- end }}
labels:
  {{- include "attention.labels" . | trim | nindent 2 }}
  {{- with .labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with merge (dict) (.annotations | default dict) .root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* An image's reference. Arguments: root, image. */}}
{{- define "attention.image" -}}
{{- $registry := .root.Values.global.imageRegistry | default .image.registry -}}
{{- with $registry }}{{ trimSuffix "/" . }}/{{ end -}}
{{- .image.repository -}}
{{- if .image.digest }}@{{ .image.digest }}{{ else }}:{{ .image.tag | default .root.Chart.AppVersion }}{{ end -}}
{{- end -}}

{{/* The rules of a role of config/rbac: one source for kustomize and this chart. Arguments: root, file, kind, name. */}}
{{- define "attention.rules" -}}
{{- $kind := .kind -}}
{{- $name := .name -}}
{{- range regexSplit "(?m)^---$" (.root.Files.Get .file) -1 -}}
{{- $document := fromYaml . -}}
{{- if and (eq $document.kind $kind) (or (not $name) (eq $document.metadata.name $name)) }}
{{- toYaml $document.rules }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* What operator's and gateway's pods have in common. Arguments: root, component, values. */}}
{{- define "attention.pod" -}}
{{- with .root.Values.global.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
terminationGracePeriodSeconds: {{ .values.terminationGracePeriodSeconds }}
{{- with .values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .values.runtimeClassName }}
runtimeClassName: {{ . }}
{{- end }}
{{- with .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if .values.topologySpreadConstraints }}
topologySpreadConstraints:
  {{- toYaml .values.topologySpreadConstraints | nindent 2 }}
{{- else if gt (int .values.replicas) 1 }}
topologySpreadConstraints:
- maxSkew: 1
  topologyKey: kubernetes.io/hostname
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- include "attention.selector" . | nindent 6 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  seccompProfile:
    type: RuntimeDefault
  {{- if eq .component "gateway" }}
  {{- if .values.batches.claimName }}
  fsGroup: 65532
  {{- end }}
  {{- end }}
volumes:
- name: tmp
  emptyDir: {}
{{- if and (eq .component "operator") (include "attention.webhooks" .root) .root.Values.webhooks.certManager.enabled }}
- name: certificates
  secret:
    secretName: {{ include "attention.operator.name" .root }}-certificates
{{- end }}
{{- if eq .component "gateway" }}
{{- with .values.tls.secretName }}
- name: tls
  secret:
    secretName: {{ . }}
{{- end }}
{{- with .values.batches.claimName }}
- name: batches
  persistentVolumeClaim:
    claimName: {{ . }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Variable with the address of a webhook. Arguments: root, variable, path (in the values), target. */}}
{{- define "attention.webhookUrl" -}}
{{- if and .target.url .target.secretRef.name }}
{{- fail (printf "%s: url and secretRef.name are both set; leave one of them empty" .path) }}
{{- end }}
- name: {{ .variable }}
{{- if .target.url }}
  value: {{ .target.url | quote }}
{{- else }}
  valueFrom:
    secretKeyRef:
      name: {{ .target.secretRef.name | default (printf "%s-notifications" (include "attention.operator.name" .root)) }}
      key: {{ .target.secretRef.key }}
      {{- if not .target.secretRef.name }}
      optional: true
      {{- end }}
{{- end }}
{{- end }}

{{/* What their containers have in common. Arguments: root, component, values. */}}
{{- define "attention.container" -}}
image: {{ include "attention.image" (dict "root" .root "image" .values.image) }}
imagePullPolicy: {{ .values.image.pullPolicy }}
env:
- name: POD_IP
  valueFrom:
    fieldRef:
      fieldPath: status.podIP
- name: POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: POD_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
{{- if eq .component "gateway" }}
{{- if gt (int .values.replicas) 1 }}
- name: GATEWAY_REPLICAS
  value: {{ .values.replicas | quote }}
{{- end }}
{{- if .values.tls.secretName }}
- name: TLS_DIRECTORY
  value: /etc/attention/tls
{{- end }}
{{- if .values.batches.claimName }}
- name: BATCH_DIRECTORY
  value: /var/lib/attention
{{- end }}
{{- end }}
{{- if eq .component "operator" }}
{{- include "attention.webhookUrl" (dict "root" .root "variable" "NOTIFY_URL" "path" "operator.notifications.notify" "target" .values.notifications.notify) | trim | nindent 0 }}
{{- include "attention.webhookUrl" (dict "root" .root "variable" "RETRAIN_URL" "path" "operator.notifications.retrain" "target" .values.notifications.retrain) | trim | nindent 0 }}
{{- end }}
{{- with .root.Values.watchNamespace }}
- name: WATCH_NAMESPACE
  value: {{ . }}
{{- if eq $.component "operator" }}
- name: GATEWAY_NAMESPACE
  value: {{ $.root.Release.Namespace }}
{{- end }}
{{- end }}
{{- with .values.extraEnv }}
{{ toYaml . }}
{{- end }}
startupProbe:
  httpGet:
    path: /health/live
    port: admin
  periodSeconds: 1
  failureThreshold: 60
readinessProbe:
  httpGet:
    path: /health/ready
    port: admin
  periodSeconds: 2
livenessProbe:
  httpGet:
    path: /health/live
    port: admin
  periodSeconds: 10
  timeoutSeconds: 5
resources:
  {{- toYaml .values.resources | nindent 2 }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
volumeMounts:
- name: tmp
  mountPath: /tmp
{{- if and (eq .component "operator") (include "attention.webhooks" .root) .root.Values.webhooks.certManager.enabled }}
- name: certificates
  mountPath: /certificates
  readOnly: true
{{- end }}
{{- if eq .component "gateway" }}
{{- if .values.tls.secretName }}
- name: tls
  mountPath: /etc/attention/tls
  readOnly: true
{{- end }}
{{- if .values.batches.claimName }}
- name: batches
  mountPath: /var/lib/attention
{{- end }}
{{- end }}
{{- end -}}
