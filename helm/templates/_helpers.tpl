{{- define "trainyard.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end }}

{{- define "trainyard.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "trainyard.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "trainyard.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{- define "trainyard.selector" -}}
app.kubernetes.io/name: {{ include "trainyard.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "trainyard.labels" -}}
{{ include "trainyard.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "trainyard.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "trainyard.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end }}

{{- define "trainyard.image" -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end }}

{{- define "trainyard.claim" -}}
{{- default (printf "%s-data" (include "trainyard.fullname" .)) .Values.persistence.existingClaim -}}
{{- end }}

{{/* What values contradict each other in. */}}
{{- define "trainyard.check" -}}
{{- if .Values.standalone -}}
  {{- if .Values.database.url }}{{ fail "standalone has an embedded database: leave database.url empty, or set standalone to false" }}{{ end -}}
  {{- if .Values.api.autoscaling.enabled }}{{ fail "standalone is one process: set api.autoscaling.enabled to false" }}{{ end -}}
{{- else -}}
  {{- if not .Values.database.url }}{{ fail "database.url is needed, as in jdbc:postgresql://postgres:5432/trainyard; or set standalone to true" }}{{ end -}}
  {{- if not .Values.database.existingSecret }}{{ fail "database.existingSecret is needed: a Secret with username and password" }}{{ end -}}
  {{- if and .Values.s3.enabled .Values.persistence.enabled }}{{ fail "choose one of s3.enabled and persistence.enabled" }}{{ end -}}
  {{- if not (or .Values.s3.enabled .Values.persistence.enabled) }}{{ fail "processes need one place for rows and weights: set s3.enabled or persistence.enabled" }}{{ end -}}
{{- end -}}
{{- end }}

{{- define "trainyard.databaseEnv" -}}
{{- if .Values.database.url }}
- name: SPRING_DATASOURCE_URL
  value: {{ .Values.database.url | quote }}
- name: SPRING_DATASOURCE_USERNAME
  valueFrom:
    secretKeyRef: {name: {{ .Values.database.existingSecret }}, key: {{ .Values.database.usernameKey }}}
- name: SPRING_DATASOURCE_PASSWORD
  valueFrom:
    secretKeyRef: {name: {{ .Values.database.existingSecret }}, key: {{ .Values.database.passwordKey }}}
{{- end }}
{{- end }}

{{- define "trainyard.env" -}}
- name: SPRING_CONFIG_ADDITIONAL_LOCATION
  value: /etc/trainyard/
{{- include "trainyard.databaseEnv" . }}
{{- with .Values.javaOptions }}
- name: JDK_JAVA_OPTIONS
  value: {{ . | quote }}
{{- end }}
{{- if .Values.access.existingSecret }}
- name: TRAINYARD_ADMIN_KEY
  valueFrom:
    secretKeyRef: {name: {{ .Values.access.existingSecret }}, key: {{ .Values.access.adminKeyKey }}}
{{- end }}
{{- if and .Values.s3.enabled .Values.s3.existingSecret }}
- name: TRAINYARD_STORAGE_S3_ACCESS_KEY
  valueFrom:
    secretKeyRef: {name: {{ .Values.s3.existingSecret }}, key: {{ .Values.s3.accessKeyKey }}}
- name: TRAINYARD_STORAGE_S3_SECRET_KEY
  valueFrom:
    secretKeyRef: {name: {{ .Values.s3.existingSecret }}, key: {{ .Values.s3.secretKeyKey }}}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* All processes know all pools; each has slots only in its own. Arguments win over files. */}}
{{- define "trainyard.slots" -}}
{{- $own := .pool -}}
{{- range $name, $pool := .root.Values.workers }}
- {{ printf "--trainyard.jobs.pools.%s.slots=%d" $name (ternary (int $pool.slots) 0 (eq $name $own)) | quote }}
{{- end }}
{{- end }}

{{- define "trainyard.volumes" -}}
- name: config
  configMap:
    name: {{ include "trainyard.fullname" . }}
- name: tmp
  emptyDir: {}
- name: data
{{- if or .Values.persistence.enabled .Values.standalone }}
  persistentVolumeClaim:
    claimName: {{ include "trainyard.claim" . }}
{{- else }}
  emptyDir:
    sizeLimit: {{ .Values.dataSize }}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "trainyard.volumeMounts" -}}
- {name: config, mountPath: /etc/trainyard, readOnly: true}
- {name: tmp, mountPath: /tmp}
- {name: data, mountPath: /var/lib/trainyard}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "trainyard.probes" -}}
{{- $scheme := .Values.probes.scheme -}}
startupProbe:
  httpGet: {path: /readyz, port: http, scheme: {{ $scheme }}}
  periodSeconds: 2
  timeoutSeconds: 2
  failureThreshold: {{ div (int .Values.probes.startupSeconds) 2 }}
livenessProbe:
  httpGet: {path: /livez, port: http, scheme: {{ $scheme }}}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: {path: /readyz, port: http, scheme: {{ $scheme }}}
  periodSeconds: 2
  timeoutSeconds: 2
  failureThreshold: 2
{{- end }}

{{/* What the pods of all Deployments share. */}}
{{- define "trainyard.podCommon" -}}
serviceAccountName: {{ include "trainyard.serviceAccount" . }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- toYaml .Values.podSecurityContext | nindent 2 }}
{{- end }}

{{- define "trainyard.scheduling" -}}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
