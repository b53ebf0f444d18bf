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

{{/* The file application.yml of every process. */}}
{{- define "trainyard.config" -}}
{{- $pools := dict -}}
{{- range $name, $pool := .Values.workers -}}
{{- $_ := set $pools $name (dict "slots" 0 "threads" (int $pool.threads) "device" $pool.device) -}}
{{- end -}}
{{- $own := dict "trainyard" (dict "jobs" (dict "memory" .Values.jobs.memory "pools" $pools)) -}}
{{- if .Values.s3.enabled -}}
{{- $s3 := dict "endpoint" .Values.s3.endpoint "region" .Values.s3.region "bucket" .Values.s3.bucket "prefix" .Values.s3.prefix "path-style" .Values.s3.pathStyle "cache" .Values.s3.cache -}}
{{- $_ := set $own.trainyard "storage" (dict "s3" $s3) -}}
{{- end -}}
{{- toYaml (mergeOverwrite $own (deepCopy .Values.config)) -}}
{{- end }}

{{/* Where people reach the service. */}}
{{- define "trainyard.url" -}}
{{- if .Values.url -}}
{{- trimSuffix "/" .Values.url -}}
{{- else if .Values.ingress.enabled -}}
{{- printf "%s://%s" (ternary "https" "http" (ne .Values.ingress.tlsSecret "")) .Values.ingress.host -}}
{{- else -}}
{{- printf "%s://%s.%s:%d" (lower .Values.probes.scheme) (include "trainyard.fullname" .) .Release.Namespace (int .Values.service.port) -}}
{{- end -}}
{{- end }}

{{/* Which series of Prometheus are those of this installation. */}}
{{- define "trainyard.series" -}}
{{- printf "namespace=\"%s\",job=\"%s\"" .Release.Namespace (default (printf "%s-metrics" (include "trainyard.fullname" .)) .Values.prometheusJob) -}}
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

{{/* The cores that a process may count on: those of its limit, else those that it requests. */}}
{{- define "trainyard.cores" -}}
{{- $cpu := toString (default "" (coalesce (dig "limits" "cpu" nil .own.resources) (dig "requests" "cpu" nil .own.resources))) -}}
{{- if hasSuffix "m" $cpu -}}
{{- max 1 (div (add 999 (int64 (trimSuffix "m" $cpu))) 1000) -}}
{{- else if $cpu -}}
{{- max 1 (int64 (ceil (float64 $cpu))) -}}
{{- end -}}
{{- end }}

{{/* The names of the settings in config, one a line, wherever a user cuts them: {a: {b.c: 1}} sets a.b.c. */}}
{{- define "trainyard.settings" -}}
{{- range $key, $value := .config -}}
{{- $name := printf "%s%s" $.prefix $key -}}
{{- if kindIs "map" $value -}}
{{- include "trainyard.settings" (dict "prefix" (printf "%s." $name) "config" $value) -}}
{{- else -}}
{{- printf "%s\n" $name -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* Without a limit, the JVM would see all cores of the node. What the user has set is left as it is. */}}
{{- define "trainyard.javaOptions" -}}
{{- $cores := include "trainyard.cores" . -}}
{{- $options := .root.Values.javaOptions -}}
{{- if hasKey . "migration" -}}
{{- /* A heap for serving would not fit into the memory of the migration, which needs little. */ -}}
{{- $options = regexReplaceAll "(^|\\s)-(Xm[nsx]\\S+|XX:[A-Za-z]*(HeapSize|RAM|RAMPercentage|RAMFraction|NewSize|DirectMemorySize)=\\S+|XX:\\+AlwaysPreTouch\\b)" $options "" | trim -}}
{{- end -}}
{{- $own := list -}}
{{- if and $cores (not (contains "-XX:ActiveProcessorCount=" $options)) -}}
{{- $own = append $own (printf "-XX:ActiveProcessorCount=%s" $cores) -}}
{{- end -}}
{{- join " " (compact (append $own $options)) -}}
{{- end }}

{{- define "trainyard.engineCores" -}}
{{- $cores := include "trainyard.cores" . -}}
{{- $values := .root.Values -}}
{{- $set := or (contains "-XX:ActiveProcessorCount=" $values.javaOptions) (has "trainyard.engine.cores" (splitList "\n" (include "trainyard.settings" (dict "prefix" "" "config" $values.config)))) -}}
{{- range $values.extraEnv }}{{ if eq .name "TRAINYARD_ENGINE_CORES" }}{{ $set = true }}{{ end }}{{ end -}}
{{- if and $cores (not $set) }}
- --trainyard.engine.cores={{ $cores }}
{{- end }}
{{- end }}

{{- define "trainyard.env" -}}
{{- $java := include "trainyard.javaOptions" . -}}
{{- /* A list of variables may not have a name twice. */ -}}
{{- range .root.Values.extraEnv }}{{ if eq .name "JDK_JAVA_OPTIONS" }}{{ $java = "" }}{{ end }}{{ end -}}
{{- /* The migration needs none of these Secrets, which may be created with the processes. */ -}}
{{- $optional := ternary ", optional: true" "" (hasKey . "migration") -}}
{{- with .root }}
- name: SPRING_CONFIG_ADDITIONAL_LOCATION
  value: /etc/trainyard/
{{- include "trainyard.databaseEnv" . }}
{{- with $java }}
- name: JDK_JAVA_OPTIONS
  value: {{ . | quote }}
{{- end }}
{{- if .Values.access.existingSecret }}
- name: TRAINYARD_ADMIN_KEY
  valueFrom:
    secretKeyRef: {name: {{ .Values.access.existingSecret }}, key: {{ .Values.access.adminKeyKey }}{{ $optional }}}
{{- end }}
{{- if and .Values.s3.enabled .Values.s3.existingSecret }}
- name: TRAINYARD_STORAGE_S3_ACCESS_KEY
  valueFrom:
    secretKeyRef: {name: {{ .Values.s3.existingSecret }}, key: {{ .Values.s3.accessKeyKey }}{{ $optional }}}
- name: TRAINYARD_STORAGE_S3_SECRET_KEY
  valueFrom:
    secretKeyRef: {name: {{ .Values.s3.existingSecret }}, key: {{ .Values.s3.secretKeyKey }}{{ $optional }}}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}
{{- end }}

{{/* All processes know all pools; each has slots only in its own. Arguments win over files. */}}
{{- define "trainyard.slots" -}}
{{- $own := .pool -}}
{{- range $name, $pool := .root.Values.workers }}
- {{ printf "--trainyard.jobs.pools.%s.slots=%d" $name (ternary (int $pool.slots) 0 (eq $name $own)) | quote }}
{{- end }}
{{- end }}

{{/* The migration needs no rows and no models: its folder is its own. */}}
{{- define "trainyard.volumes" -}}
{{- with .root }}
- name: config
  configMap:
    name: {{ include "trainyard.fullname" . }}{{ if $.migration }}-migrate{{ end }}
- name: tmp
  emptyDir:
    sizeLimit: {{ .Values.tmpSize }}
- name: data
{{- if and (or .Values.persistence.enabled .Values.standalone) (not $.migration) }}
  persistentVolumeClaim:
    claimName: {{ include "trainyard.claim" . }}
{{- else }}
  emptyDir:
    sizeLimit: {{ ternary .Values.tmpSize .Values.dataSize (hasKey $ "migration") }}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
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

{{/* What all pods share. Own has the values of one Deployment, or of the migration. */}}
{{- define "trainyard.pod" -}}
serviceAccountName: {{ .account }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- toYaml .root.Values.podSecurityContext | nindent 2 }}
{{- with .own.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .own.runtimeClassName }}
runtimeClassName: {{ . }}
{{- end }}
{{- with .own.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .own.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .own.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "trainyard.podMetadata" -}}
labels:
  {{- include "trainyard.labels" .root | nindent 2 }}
  app.kubernetes.io/component: {{ .component }}
  {{- with .own.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
annotations:
  checksum/config: {{ include "trainyard.config" .root | sha256sum }}
  {{- with .own.podAnnotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{- define "trainyard.spread" -}}
{{- if ne (toString .own.topologySpread) "false" }}
topologySpreadConstraints:
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "trainyard.selector" $.root | nindent 8 }}
        app.kubernetes.io/component: {{ $.component }}
  {{- end }}
{{- end }}
{{- end }}
