{{/* Names and the API server, for operator and gateway. */}}
{{- define "attention.egress.common" -}}
- to:
  - namespaceSelector: {}
    podSelector:
      matchLabels:
        k8s-app: kube-dns
  ports:
  - port: 53
    protocol: UDP
  - port: 53
    protocol: TCP
- ports:
  {{- range .Values.networkPolicies.apiServer.ports }}
  - port: {{ . }}
    protocol: TCP
  {{- end }}
  {{- with .Values.networkPolicies.apiServer.to }}
  to:
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}
