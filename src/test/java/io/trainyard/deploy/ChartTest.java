package io.trainyard.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
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
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
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
            nodeSelector: {disk: ssd}
            tolerations: [{key: k, operator: Exists}]
            affinity: {nodeAffinity: {}}
          workers:
            gpu: {enabled: true}
            large: {enabled: true, device: cpu, replicas: 2, slots: 3, threads: 2, resources: {limits: {memory: 8Gi}}}
          ingress: {enabled: true, className: nginx, tlsSecret: tls, annotations: {a: b}}
          networkPolicy:
            clients: [{podSelector: {}}]
            egress: {enabled: true, rules: [{ports: [{port: 5432, protocol: TCP}]}]}
          serviceMonitor: {enabled: true, labels: {release: prometheus}}
          prometheusRule: {enabled: true}
          dashboard: {enabled: true}
          imagePullSecrets: [{name: pull}]
          javaOptions: -Xmx1g
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

  @Test
  void migrationRunsBeforeNewProcessesAndNeedsNothingOfTheChart() throws IOException {
    List<HasMetadata> objects = Chart.render(S3);
    Job job = only(objects, Job.class, "demo-trainyard-migrate");
    assertThat(job.getMetadata().getAnnotations().get(Chart.HOOK))
        .isEqualTo("pre-install,pre-upgrade");
    var pod = job.getSpec().getTemplate().getSpec();
    assertThat(pod.getContainers().getFirst().getArgs()).containsExactly("migrate");
    assertThat(pod.getServiceAccountName()).isNull();
    assertThat(pod.getVolumes()).allMatch(volume -> volume.getEmptyDir() != null);
    assertThat(pod.getVolumes()).noneMatch(volume -> volume.getConfigMap() != null);
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
  void alertsAndDashboardAreThoseOfTheFolder() throws IOException {
    List<HasMetadata> objects = Chart.render(EVERYTHING);
    PrometheusRule rule = only(objects, PrometheusRule.class, "demo-trainyard");
    assertThat(rule.getSpec().getGroups()).isNotEmpty();
    ConfigMap dashboard = only(objects, ConfigMap.class, "demo-trainyard-dashboard");
    assertThat(Objects.requireNonNull(dashboard.getData().get("trainyard.json")).strip())
        .isEqualTo(Files.readString(Path.of("helm/files/dashboard.json")).strip());
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
