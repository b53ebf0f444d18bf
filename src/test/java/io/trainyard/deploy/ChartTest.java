package io.trainyard.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import io.trainyard.job.JobProperties;
import io.trainyard.job.process.Roles;
import io.trainyard.memory.MemoryShares;
import io.trainyard.memory.MemoryShares.Part;
import io.trainyard.memory.MemoryShares.Processes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.SimpleCommandLinePropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.util.unit.DataSize;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The chart renders what Kubernetes and the service understand. */
@Tag("long")
class ChartTest {
  private static final String CLUSTER =
      "database: {url: 'jdbc:postgresql://db/trainyard', existingSecret: db}\n";
  private static final String S3 = CLUSTER + "s3: {enabled: true, existingSecret: s3}\n";
  private static final String VOLUME = CLUSTER + "persistence: {enabled: true}\n";
  private static final String EVERYTHING =
      S3
          + """
          access: {existingSecret: keys}
          api:
            autoscaling: {enabled: true}
            podAnnotations: {a: b}
            podLabels: {team: yard}
            priorityClassName: high
            nodeSelector: {disk: ssd}
            tolerations: [{key: k, operator: Exists}]
            affinity: {nodeAffinity: {}}
          workers:
            cpu: {replicas: null, minReadySeconds: 7}
            gpu: {enabled: true, runtimeClassName: nvidia}
            large: {enabled: true, device: cpu, replicas: 2, slots: 3, threads: 2, resources: {limits: {memory: 8Gi}}}
          ingress:
            {enabled: true, className: nginx, tlsSecret: tls, annotations: {a: b}, grpc: {enabled: true}}
          networkPolicy:
            clients: [{podSelector: {}}]
            egress: {enabled: true, rules: [{ports: [{port: 5432, protocol: TCP}]}]}
          serviceMonitor: {enabled: true, labels: {release: prometheus}}
          prometheusRule: {enabled: true}
          dashboard: {enabled: true}
          imagePullSecrets: [{name: pull}]
          javaOptions: -Xmx1g -Dhttps.proxyHost=proxy -XX:InitialRAMPercentage=60 -XX:+AlwaysPreTouch
          extraEnv: [{name: TZ, value: UTC}]
          extraVolumes: [{name: ca, secret: {secretName: ca}}]
          extraVolumeMounts: [{name: ca, mountPath: /ca}]
          service: {type: LoadBalancer, annotations: {a: b}}
          serviceAccount: {annotations: {role: x}}
          config: {trainyard: {jobs: {poll: 2s}}}
          """;

  static List<String> matrix() {
    return List.of(
        "standalone: true",
        "{standalone: true, persistence: {existingClaim: mine}, migration: {enabled: false}}",
        S3,
        VOLUME,
        VOLUME.replace("enabled: true", "enabled: true, existingClaim: mine, storageClass: nfs"),
        S3 + "workers: {cpu: {enabled: false}}\n",
        S3 + "migration: {enabled: false}\nnetworkPolicy: {enabled: false}\n",
        S3 + "serviceAccount: {create: false, name: other}\nfullnameOverride: yard\n",
        EVERYTHING);
  }

  @Test
  void lintFindsNothing() {
    assertThat(Chart.lint().isFailed()).as(Chart.lint().getMessages().toString()).isFalse();
  }

  @ParameterizedTest
  @MethodSource("matrix")
  void everyFieldIsOneOfKubernetes(String values) throws IOException {
    List<HasMetadata> objects = Chart.render(values);

    assertThat(objects).hasSizeGreaterThan(4);
    assertThat(objects.stream().map(o -> o.getKind() + " " + o.getMetadata().getName()))
        .doesNotHaveDuplicates();
    for (PodTemplateSpec pod : pods(objects)) {
      assertThat(pod.getSpec().getEnableServiceLinks()).isFalse();
      assertThat(pod.getSpec().getAutomountServiceAccountToken()).isFalse();
      assertThat(pod.getSpec().getSecurityContext().getRunAsNonRoot()).isTrue();
      Container container = pod.getSpec().getContainers().getFirst();
      assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
      assertThat(container.getResources().getLimits()).containsKey("memory");
      Set<String> volumes =
          pod.getSpec().getVolumes().stream().map(v -> v.getName()).collect(Collectors.toSet());
      assertThat(container.getVolumeMounts()).allMatch(m -> volumes.contains(m.getName()));
      assertThat(container.getVolumeMounts().stream().map(m -> m.getMountPath()))
          .contains("/tmp", "/var/lib/trainyard");
    }
  }

  @Test
  void unknownFieldFails() {
    assertThatThrownBy(
            () -> Chart.parse("apiVersion: v1\nkind: Service\nspec: {tyype: ClusterIP}\n"))
        .isInstanceOf(UnrecognizedPropertyException.class)
        .hasMessageContaining("tyype");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}                                            | database.url is needed
          {database: {url: 'jdbc:postgresql://x/y'}}    | database.existingSecret is needed
          {standalone: true, api: {autoscaling: {enabled: true}}} | one process
          {standalone: true, replicas: 2}               | replicas
          {standalone: true, jobs: {memory: much}}      | memory
          {standalone: true, database: {url: 'jdbc:mysql://x'}} | url
          {standalone: true, workers: {cpu: {slots: 0}}} | slots
          {standalone: true, workers: {Big: {}}}        | Big
          {standalone: true, url: trainyard.example.com} | url
          {standalone: true, api: {podLabels: {app.kubernetes.io/name: mine}}} | app.kubernetes.io/name
          """)
  void wrongValuesAreRefusedWithTheirName(String values, String message) {
    assertThatThrownBy(() -> Chart.template(values)).hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"persistence", "s3"})
  void processesNeedExactlyOnePlaceForRows(String place) {
    assertThatThrownBy(() -> Chart.template(CLUSTER)).hasMessageContaining("s3.enabled or persist");
    assertThatThrownBy(
            () -> Chart.template(CLUSTER + "persistence: {enabled: true}\ns3: {enabled: true}\n"))
        .hasMessageContaining(place);
  }

  /** What the containers get is what the service reads. */
  @Test
  void everyProcessKnowsAllPoolsAndHasSlotsOnlyInItsOwn() throws IOException {
    List<HasMetadata> objects = Chart.render(EVERYTHING);
    Map<String, String> roles = Map.of("api", "", "worker-cpu", "cpu", "worker-large", "large");
    for (var expected : roles.entrySet()) {
      Container container = container(objects, expected.getKey());
      Binder binder = Binder.get(environment(objects, container));
      JobProperties jobs = binder.bind("trainyard.jobs", JobProperties.class).get();
      assertThat(jobs.pools()).containsOnlyKeys("cpu", "gpu", "large");
      assertThat(jobs.memory()).isEqualTo(DataSize.ofMegabytes(1536));
      assertThat(jobs.poll()).hasSeconds(2);
      jobs.pools()
          .forEach(
              (name, pool) ->
                  assertThat(pool.slots() > 0).isEqualTo(name.equals(expected.getValue())));
      Roles own = binder.bind("trainyard", Roles.class).get();
      assertThat(own.api()).isEqualTo(expected.getValue().isEmpty());
      assertThat(own.worker()).isNotEqualTo(own.api());
    }
    Container gpu = container(objects, "worker-gpu");
    assertThat(gpu.getImage()).endsWith("-gpu");
    assertThat(gpu.getResources().getLimits()).containsKey("nvidia.com/gpu");
  }

  private static StandardEnvironment environment(List<HasMetadata> objects, Container container)
      throws IOException {
    String file =
        Objects.requireNonNull(
            only(objects, ConfigMap.class, "demo-trainyard").getData().get("application.yml"));
    StandardEnvironment environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .addFirst(
            new YamlPropertySourceLoader()
                .load("file", new ByteArrayResource(file.getBytes(StandardCharsets.UTF_8)))
                .getFirst());
    environment
        .getPropertySources()
        .addFirst(new SimpleCommandLinePropertySource(container.getArgs().toArray(String[]::new)));
    return environment;
  }

  @Test
  void secretsAreReferencedAndNeverWritten() throws IOException {
    Container api = container(Chart.render(EVERYTHING), "api");
    Map<String, String> secrets = new HashMap<>();
    for (EnvVar one : api.getEnv()) {
      if (one.getValueFrom() != null) {
        secrets.put(one.getName(), one.getValueFrom().getSecretKeyRef().getName());
      }
    }
    assertThat(secrets)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "SPRING_DATASOURCE_USERNAME", "db",
                "SPRING_DATASOURCE_PASSWORD", "db",
                "TRAINYARD_ADMIN_KEY", "keys",
                "TRAINYARD_STORAGE_S3_ACCESS_KEY", "s3",
                "TRAINYARD_STORAGE_S3_SECRET_KEY", "s3"));
  }

  /** Helm creates hooks, here of a lower weight first, and then waits for the job. */
  @ParameterizedTest
  @MethodSource("matrix")
  void migrationRunsBeforeNewProcessesAndNeedsOnlyHooks(String values) throws IOException {
    List<HasMetadata> objects = Chart.render(values);
    Optional<Job> job =
        objects.stream().filter(Job.class::isInstance).map(Job.class::cast).findFirst();
    assumeTrue(job.isPresent(), "no migration");
    PodSpec pod = job.get().getSpec().getTemplate().getSpec();
    Set<String> names = new HashSet<>(Set.of(pod.getServiceAccountName()));
    pod.getVolumes().stream()
        .filter(volume -> volume.getConfigMap() != null)
        .forEach(volume -> names.add(volume.getConfigMap().getName()));
    List<HasMetadata> hooks =
        objects.stream().filter(object -> annotation(object, Chart.HOOK) != null).toList();
    assertThat(hooks).allMatch(o -> "pre-install,pre-upgrade".equals(annotation(o, Chart.HOOK)));
    assertThat(hooks).contains(job.get());
    List<String> first =
        hooks.stream()
            .filter(hook -> "-1".equals(annotation(hook, "helm.sh/hook-weight")))
            .map(hook -> hook.getMetadata().getName())
            .toList();
    names.remove("other"); // It is not of the chart.
    assertThat(first).containsAll(names);
    assertThat(pod.getVolumes()).noneMatch(volume -> volume.getPersistentVolumeClaim() != null);
    assertThat(pod.getContainers().getFirst().getArgs()).containsExactly("migrate");
  }

  private static @Nullable String annotation(HasMetadata object, String name) {
    Map<String, String> all = object.getMetadata().getAnnotations();
    return all == null ? null : all.get(name);
  }

  @Test
  void migrationHasSettingsVolumesAccountAndPlaceOfOtherProcesses() throws IOException {
    List<HasMetadata> objects = Chart.render(EVERYTHING);
    PodSpec migration =
        only(objects, Job.class, "demo-trainyard-migrate").getSpec().getTemplate().getSpec();
    PodSpec api =
        only(objects, Deployment.class, "demo-trainyard-api").getSpec().getTemplate().getSpec();
    assertThat(migration.getNodeSelector()).isEqualTo(Map.of("disk", "ssd"));
    assertThat(migration.getTolerations()).isEqualTo(api.getTolerations()).isNotEmpty();
    assertThat(migration.getAffinity()).isEqualTo(api.getAffinity()).isNotNull();
    assertThat(migration.getPriorityClassName()).isEqualTo("high");
    Container own = migration.getContainers().getFirst();
    Container other = api.getContainers().getFirst();
    assertThat(own.getVolumeMounts()).isEqualTo(other.getVolumeMounts());
    assertThat(own.getVolumeMounts()).anyMatch(mount -> mount.getMountPath().equals("/ca"));
    assertThat(variables(own))
        .containsEntry("TZ", "UTC")
        .containsOnlyKeys(variables(other).keySet());
    // A heap for serving would be larger than the pod of the migration.
    assertThat(variables(other).get("JDK_JAVA_OPTIONS"))
        .endsWith("-Xmx1g -Dhttps.proxyHost=proxy -XX:InitialRAMPercentage=60 -XX:+AlwaysPreTouch");
    assertThat(variables(own).get("JDK_JAVA_OPTIONS"))
        .matches("-XX:ActiveProcessorCount=\\d+ -Dhttps\\.proxyHost=proxy");
    assertThat(migration.getVolumes().stream().map(volume -> volume.getName()))
        .containsExactlyElementsOf(
            api.getVolumes().stream().map(volume -> volume.getName()).toList());
    assertThat(only(objects, ConfigMap.class, "demo-trainyard-migrate").getData())
        .isEqualTo(only(objects, ConfigMap.class, "demo-trainyard").getData());
    assertThat(
            only(objects, ServiceAccount.class, "demo-trainyard-migrate")
                .getMetadata()
                .getAnnotations())
        .containsEntry("role", "x");
    assertThat(migration.getServiceAccountName()).isEqualTo("demo-trainyard-migrate");

    String placed = S3 + "migration: {nodeSelector: {disk: hdd}, tolerations: [{key: m}]}\n";
    PodSpec elsewhere =
        only(Chart.render(placed), Job.class, "demo-trainyard-migrate")
            .getSpec()
            .getTemplate()
            .getSpec();
    assertThat(elsewhere.getNodeSelector()).isEqualTo(Map.of("disk", "hdd"));
    assertThat(elsewhere.getTolerations().getFirst().getKey()).isEqualTo("m");
  }

  private static Map<String, String> variables(Container container) {
    Map<String, String> variables = new HashMap<>();
    container
        .getEnv()
        .forEach(
            one -> variables.put(one.getName(), Objects.requireNonNullElse(one.getValue(), "")));
    return variables;
  }

  // Where and how many

  @Test
  void podsHaveTheirClassesLabelsAndSpread() throws IOException {
    List<HasMetadata> objects = Chart.render(EVERYTHING);
    PodTemplateSpec api =
        only(objects, Deployment.class, "demo-trainyard-api").getSpec().getTemplate();
    assertThat(api.getMetadata().getLabels()).containsEntry("team", "yard");
    assertThat(api.getSpec().getPriorityClassName()).isEqualTo("high");
    assertThat(
            only(objects, Deployment.class, "demo-trainyard-worker-gpu")
                .getSpec()
                .getTemplate()
                .getSpec()
                .getRuntimeClassName())
        .isEqualTo("nvidia");
    for (String component : List.of("api", "worker-cpu", "worker-gpu", "worker-large")) {
      Deployment deployment = only(objects, Deployment.class, "demo-trainyard-" + component);
      assertThat(deployment.getSpec().getTemplate().getSpec().getTopologySpreadConstraints())
          .as(component)
          .hasSize(2)
          .allMatch(
              spread ->
                  spread
                      .getLabelSelector()
                      .getMatchLabels()
                      .equals(deployment.getSpec().getSelector().getMatchLabels()));
    }
    String packed = S3 + "workers: {cpu: {topologySpread: false}}\n";
    assertThat(
            only(Chart.render(packed), Deployment.class, "demo-trainyard-worker-cpu")
                .getSpec()
                .getTemplate()
                .getSpec()
                .getTopologySpreadConstraints())
        .isEmpty();
  }

  @Test
  void numberOfProcessesCanBeLeftToAScaler() throws IOException {
    List<HasMetadata> objects =
        Chart.render(
            S3
                + "api: {replicas: null}\n"
                + "workers: {cpu: {replicas: null, minReadySeconds: 7}, gpu: {enabled: true, replicas: 0}}\n");
    Map<String, Integer> replicas = new HashMap<>();
    for (String component : List.of("api", "worker-cpu", "worker-gpu")) {
      replicas.put(
          component,
          only(objects, Deployment.class, "demo-trainyard-" + component).getSpec().getReplicas());
    }
    assertThat(replicas).containsEntry("api", null).containsEntry("worker-cpu", null);
    assertThat(replicas).containsEntry("worker-gpu", 0);
    assertThat(
            only(objects, Deployment.class, "demo-trainyard-worker-cpu")
                .getSpec()
                .getMinReadySeconds())
        .isEqualTo(7);
    assertThat(only(objects, Deployment.class, "demo-trainyard-api").getSpec().getMinReadySeconds())
        .isEqualTo(5);
  }

  @ParameterizedTest
  @MethodSource("matrix")
  void noPodFillsItsNode(String values) throws IOException {
    for (PodTemplateSpec pod : pods(Chart.render(values))) {
      assertThat(pod.getSpec().getVolumes())
          .allMatch(
              volume ->
                  volume.getEmptyDir() == null || volume.getEmptyDir().getSizeLimit() != null);
    }
    for (String component : List.of("api", "worker-cpu")) {
      assertThat(container(Chart.render(S3), component).getResources().getRequests())
          .containsKey("ephemeral-storage");
    }
  }

  // Cores

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {requests: {cpu: 3}, limits: {memory: 3Gi}}             | 3
          {requests: {cpu: '3'}, limits: {memory: 3Gi}}           | 3
          {requests: {cpu: 1500m}, limits: {memory: 3Gi}}         | 2
          {requests: {cpu: 1.2}, limits: {memory: 3Gi}}           | 2
          {requests: {cpu: 100m}, limits: {memory: 3Gi}}          | 1
          {requests: {cpu: 2}, limits: {memory: 3Gi, cpu: 3500m}} | 4
          {requests: {cpu: null}, limits: {memory: 3Gi}}          |
          """)
  void processesCountOnTheCoresThatTheyRequest(String resources, @Nullable Integer cores)
      throws IOException {
    String values =
        S3
            + ("api: {resources: %s}\nmigration: {resources: %s}\n"
                    + "workers: {cpu: {resources: %s}, large: {enabled: true, device: cpu, slots: 1,"
                    + " threads: 0, resources: %s}}\n")
                .replace("%s", resources);
    List<HasMetadata> objects = Chart.render(values);
    for (String component : List.of("api", "worker-cpu", "worker-large")) {
      Container container = container(objects, component);
      assertThat(variables(container).get("JDK_JAVA_OPTIONS"))
          .isEqualTo(cores == null ? null : "-XX:ActiveProcessorCount=" + cores);
      assertThat(container.getArgs().stream().filter(each -> each.contains("engine.cores")))
          .isEqualTo(cores == null ? List.of() : List.of("--trainyard.engine.cores=" + cores));
    }
    Container migration =
        only(objects, Job.class, "demo-trainyard-migrate")
            .getSpec()
            .getTemplate()
            .getSpec()
            .getContainers()
            .getFirst();
    assertThat(variables(migration).get("JDK_JAVA_OPTIONS"))
        .isEqualTo(cores == null ? null : "-XX:ActiveProcessorCount=" + cores);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "config: {trainyard: {engine: {cores: 7}}}",
        "config: {trainyard.engine.cores: 7}",
        "config: {trainyard: {engine.cores: 7}}",
        "config: {trainyard.engine: {cores: 7}}",
        "extraEnv: [{name: TRAINYARD_ENGINE_CORES, value: '7'}]",
        "javaOptions: -XX:ActiveProcessorCount=7"
      })
  void coresThatAreSetAreKept(String setting) throws IOException {
    Container api = container(Chart.render(S3 + setting + "\n"), "api");
    assertThat(api.getArgs()).noneMatch(argument -> argument.contains("engine.cores"));
    assertThat(variables(api).get("JDK_JAVA_OPTIONS"))
        .isEqualTo("-XX:ActiveProcessorCount=" + (setting.startsWith("java") ? 7 : 2));
  }

  /** The file has the chart's own values too: the one of the user is read last. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{trainyard: {jobs: {memory: 7GB}}}",
        "{trainyard: {jobs.memory: 7GB}}",
        "{trainyard.jobs: {memory: 7GB}}",
        "{trainyard.jobs.memory: 7GB}"
      })
  void settingsOfTheUserWinHoweverTheirNamesAreCut(String config) throws IOException {
    List<HasMetadata> objects = Chart.render(S3 + "config: " + config + "\n");
    Binder binder = Binder.get(environment(objects, container(objects, "worker-cpu")));
    assertThat(binder.bind("trainyard.jobs", JobProperties.class).get().memory())
        .isEqualTo(DataSize.ofGigabytes(7));
  }

  @Test
  void probesAskTheMainPortAndServicesFindIt() throws IOException {
    List<HasMetadata> objects = Chart.render(S3);
    Container api = container(objects, "api");
    assertThat(api.getStartupProbe().getFailureThreshold() * 2).isEqualTo(180);
    assertThat(api.getReadinessProbe().getHttpGet().getPath()).isEqualTo("/readyz");
    assertThat(api.getLivenessProbe().getHttpGet().getPath()).isEqualTo("/livez");
    assertThat(api.getLifecycle().getPreStop().getExec().getCommand()).contains("sleep");
    Set<String> ports = api.getPorts().stream().map(p -> p.getName()).collect(Collectors.toSet());
    for (HasMetadata object : objects) {
      if (object instanceof Service service) {
        assertThat(service.getSpec().getPorts())
            .allMatch(port -> ports.contains(port.getTargetPort().getStrVal()));
      }
    }
    Deployment deployment = only(objects, Deployment.class, "demo-trainyard-api");
    Map<String, String> labels = deployment.getSpec().getTemplate().getMetadata().getLabels();
    assertThat(labels)
        .containsAllEntriesOf(deployment.getSpec().getSelector().getMatchLabels())
        .containsAllEntriesOf(
            only(objects, Service.class, "demo-trainyard").getSpec().getSelector());
  }

  @Test
  void grpcHasAnIngressOfItsOwn() throws IOException {
    List<HasMetadata> objects = Chart.render(EVERYTHING);
    Ingress grpc = only(objects, Ingress.class, "demo-trainyard-grpc");
    assertThat(grpc.getSpec().getIngressClassName()).isEqualTo("nginx");
    assertThat(grpc.getSpec().getTls().getFirst().getSecretName()).isEqualTo("tls");
    assertThat(grpc.getSpec().getRules().getFirst().getHost()).startsWith("grpc.");
    var service = grpc.getSpec().getRules().getFirst().getHttp().getPaths().getFirst().getBackend();
    assertThat(service.getService().getPort().getName()).isEqualTo("grpc");
    assertThat(only(objects, Ingress.class, "demo-trainyard").getSpec().getRules()).hasSize(1);
  }

  @Test
  void monitorFollowsTheTlsOfTheService() throws IOException {
    String values = S3 + "serviceMonitor: {enabled: true%s}\nprobes: {scheme: %s}\n";
    assertThat(scheme(values.formatted("", "HTTP"))).isEqualTo("http");
    assertThat(scheme(values.formatted("", "HTTPS"))).isEqualTo("https");
    assertThat(scheme(values.formatted(", scheme: http", "HTTPS"))).isEqualTo("http");
    String tls = ", tlsConfig: {serverName: yard, ca: {secret: {name: ca, key: ca.crt}}}";
    ServiceMonitor monitor =
        only(Chart.render(values.formatted(tls, "HTTPS")), ServiceMonitor.class, "demo-trainyard");
    assertThat(monitor.getSpec().getEndpoints().getFirst().getTlsConfig().getServerName())
        .isEqualTo("yard");
  }

  private static String scheme(String values) throws IOException {
    ServiceMonitor monitor = only(Chart.render(values), ServiceMonitor.class, "demo-trainyard");
    return monitor.getSpec().getEndpoints().getFirst().getScheme();
  }

  /** Two installations may share one Prometheus and one Grafana. */
  @Test
  void alertsAndDashboardAreOfThisInstallation() throws IOException {
    String values = EVERYTHING + "fullnameOverride: yard\nurl: https://ml.example.com/yard/\n";
    List<HasMetadata> objects = Chart.render(values);
    assertThat(only(objects, Service.class, "yard-metrics")).isNotNull();
    String series = "namespace=\"lab\",job=\"yard-metrics\"";
    PrometheusRule rules = only(objects, PrometheusRule.class, "yard");
    assertThat(rules.getSpec().getGroups()).allMatch(group -> group.getName().equals("yard"));
    for (var rule : rules.getSpec().getGroups().getFirst().getRules()) {
      assertThat(rule.getExpr().getStrVal()).contains(series).doesNotContain("job!=");
      assertThat(rule.getAnnotations().get("runbook_url"))
          .startsWith("https://ml.example.com/yard/docs/runbooks/");
    }
    ConfigMap dashboard = only(objects, ConfigMap.class, "yard-dashboard");
    assertThat(dashboard.getData()).containsOnlyKeys("lab-yard.json");
    JsonNode json =
        JsonMapper.shared()
            .readTree(Objects.requireNonNull(dashboard.getData().get("lab-yard.json")));
    assertThat(json.get("title").stringValue()).isEqualTo("Trainyard: lab/yard");
    assertThat(json.get("uid").stringValue()).hasSizeLessThanOrEqualTo(40);
    assertThat(json.get("templating").findValuesAsString("query"))
        .anyMatch(query -> query.contains(series))
        .noneMatch(query -> query.contains("job!="));
    assertThat(json.get("links").findValuesAsString("url"))
        .isNotEmpty()
        .allMatch(url -> url.startsWith("https://ml.example.com/yard/docs/"));
    ConfigMap other =
        only(Chart.render("demo", "other", values), ConfigMap.class, "yard-dashboard");
    assertThat(JsonMapper.shared().readTree(other.getData().get("other-yard.json")).get("uid"))
        .isNotEqualTo(json.get("uid"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}                                            | http://demo-trainyard.lab:80
          ingress: {enabled: true}                      | http://trainyard.example.com
          ingress: {enabled: true, tlsSecret: tls}      | https://trainyard.example.com
          probes: {scheme: HTTPS}                       | https://demo-trainyard.lab:80
          """)
  void linksLeadToTheIngressOrTheService(String setting, String url) throws IOException {
    String values =
        S3 + "prometheusRule: {enabled: true}\n" + (setting.equals("{}") ? "" : setting) + "\n";
    PrometheusRule rules = only(Chart.render(values), PrometheusRule.class, "demo-trainyard");
    assertThat(rules.getSpec().getGroups().getFirst().getRules().getFirst().getAnnotations())
        .containsEntry("runbook_url", url + "/docs/runbooks/down");
  }

  @Test
  void valuesOfTheGuideAreUnderstood() throws IOException {
    String guide = Files.readString(Path.of("src/docs/guides/operations.md"));
    String cluster = guide.substring(guide.indexOf("\n## In a cluster\n"));
    String values = cluster.split("```yaml\n", 2)[1].split("```", 2)[0];
    List<HasMetadata> objects = Chart.render(S3 + values);
    assertThat(only(objects, Ingress.class, "demo-trainyard-grpc")).isNotNull();
    assertThat(container(objects, "api").getArgs()).contains("--trainyard.engine.cores=4");
  }

  @Test
  void notesSayHowToCall() throws IOException {
    assertThat(Chart.notes(EVERYTHING))
        .contains("https://trainyard.example.com/readyz", "Pool gpu");
    assertThat(Chart.notes("standalone: true")).contains("one process", "port-forward");
  }

  // Sizing

  private record Size(String process, DataSize limit, String job, String answers) {}

  private static final Pattern ROW =
      Pattern.compile(
          "(?m)^#   (api|worker, 1 slot|standalone, 1 slot) +(\\d+)Gi +(\\d+[MG]B|-) +(.+)$");

  /** The rows of the table in values.yaml. */
  private static List<Size> table() throws IOException {
    List<Size> rows = new ArrayList<>();
    for (MatchResult row :
        ROW.matcher(Files.readString(Path.of("helm/values.yaml"))).results().toList()) {
      rows.add(
          new Size(
              row.group(1),
              DataSize.ofGigabytes(Long.parseLong(row.group(2))),
              row.group(3),
              row.group(4)));
    }
    return rows;
  }

  @Test
  void sizingTableIsTheBudgetOfTheProcess() throws IOException {
    assertThat(table()).hasSize(6);
    for (Size size : table()) {
      MemoryShares shares = shares(size);
      assertThat(shares.exceeded()).as("%s: %s", size, shares.text()).isFalse();
      Pattern answers = Pattern.compile("(\\d+) MB of weights, (\\d+) MB of values");
      answers
          .matcher(size.answers())
          .results()
          .forEach(
              numbers -> {
                long models = Long.parseLong(numbers.group(1)) << 20;
                assertThat(models).isLessThanOrEqualTo(shares.of(Part.MODELS));
                assertThat(models * 5 / 4).as("about").isGreaterThan(shares.of(Part.MODELS));
                assertThat(numbers.group(2)).isEqualTo(numbers.group(1));
              });
    }
  }

  /** As the service divides a container's limit: 80 %, a quarter of the limit for the heap. */
  private static MemoryShares shares(Size size) {
    long limit = size.limit().toBytes();
    long heap = limit / 4;
    Processes processes =
        size.process().startsWith("worker")
            ? Processes.one(heap)
            : new Processes(heap, 1, Math.max(128L << 20, heap / 4), MemoryShares.HOSTS);
    Map<Part, Long> set = new HashMap<>();
    set.put(Part.JOBS, size.job().equals("-") ? 0 : DataSize.parse(size.job()).toBytes());
    if (!size.process().startsWith("worker")) {
      set.put(Part.DATASETS, 3 * MemoryShares.LEAST);
    }
    return MemoryShares.of(limit / 100 * 80, processes, set);
  }

  @Test
  void defaultsOfTheChartAreInTheTable() throws IOException {
    List<HasMetadata> objects = Chart.render(S3);
    Set<String> rows =
        table().stream()
            .map(size -> size.process() + " " + size.limit().toGigabytes() + "Gi " + size.job())
            .collect(Collectors.toSet());
    assertThat(rows)
        .contains(
            "api " + memory(container(objects, "api")) + " -",
            "worker, 1 slot " + memory(container(objects, "worker-cpu")) + " 1536MB");
  }

  private static String memory(Container container) {
    return Objects.requireNonNull(container.getResources().getLimits().get("memory")).toString();
  }

  // Finding

  private static List<PodTemplateSpec> pods(List<HasMetadata> objects) {
    List<PodTemplateSpec> pods = new ArrayList<>();
    for (HasMetadata object : objects) {
      if (object instanceof Deployment deployment) {
        pods.add(deployment.getSpec().getTemplate());
      } else if (object instanceof Job job) {
        pods.add(job.getSpec().getTemplate());
      }
    }
    return pods;
  }

  private static Container container(List<HasMetadata> objects, String component) {
    return only(objects, Deployment.class, "demo-trainyard-" + component)
        .getSpec()
        .getTemplate()
        .getSpec()
        .getContainers()
        .getFirst();
  }

  private static <T extends HasMetadata> T only(
      List<HasMetadata> objects, Class<T> type, String name) {
    return objects.stream()
        .filter(type::isInstance)
        .map(type::cast)
        .filter(object -> Objects.equals(object.getMetadata().getName(), name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + type.getSimpleName() + " " + name));
  }
}
