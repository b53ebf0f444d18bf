package io.trainyard.deploy;

import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.util.FileSystemUtils;

/** The chart of this repository, rendered with some values. */
final class Chart {
  private static final Path FOLDER = Path.of("helm");

  /** Helm's library leaves hooks out of what it renders, so they are named otherwise here. */
  static final String HOOK = "helm.sh/shown-hook";

  /** Everything that the chart may render. */
  private static final Map<String, Class<? extends HasMetadata>> KINDS =
      Map.ofEntries(
          Map.entry("apps/v1 Deployment", Deployment.class),
          Map.entry("batch/v1 Job", Job.class),
          Map.entry("v1 Service", Service.class),
          Map.entry("v1 ConfigMap", ConfigMap.class),
          Map.entry("v1 ServiceAccount", ServiceAccount.class),
          Map.entry("v1 PersistentVolumeClaim", PersistentVolumeClaim.class),
          Map.entry("autoscaling/v2 HorizontalPodAutoscaler", HorizontalPodAutoscaler.class),
          Map.entry("policy/v1 PodDisruptionBudget", PodDisruptionBudget.class),
          Map.entry("networking.k8s.io/v1 Ingress", Ingress.class),
          Map.entry("networking.k8s.io/v1 NetworkPolicy", NetworkPolicy.class),
          Map.entry("monitoring.coreos.com/v1 ServiceMonitor", ServiceMonitor.class),
          Map.entry("monitoring.coreos.com/v1 PrometheusRule", PrometheusRule.class));

  private static final ObjectMapper STRICT =
      new ObjectMapper(new YAMLFactory())
          .setAnnotationIntrospector(new NoFurtherFields())
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  /** Many tests look at the same rendering. */
  private static final Map<List<String>, String> RENDERED = new ConcurrentHashMap<>();

  private Chart() {}

  /** The models would collect fields that Kubernetes does not have. */
  private static final class NoFurtherFields extends JacksonAnnotationIntrospector {
    private static final long serialVersionUID = 1;

    @Override
    public @Nullable Boolean hasAnySetter(Annotated member) {
      return member.hasAnnotation(JsonAnySetter.class) ? Boolean.FALSE : super.hasAnySetter(member);
    }
  }

  /** All objects for these values, each read with no unknown field. */
  static List<HasMetadata> render(String values) throws IOException {
    return render("demo", "lab", values);
  }

  static List<HasMetadata> render(String release, String namespace, String values)
      throws IOException {
    return parse(template(release, namespace, values));
  }

  /** The rendered text; fails with Helm's message when the values are refused. */
  static String template(String values) throws IOException {
    return template("demo", "lab", values);
  }

  private static String template(String release, String namespace, String values)
      throws IOException {
    List<String> given = List.of(release, namespace, values);
    String known = RENDERED.get(given);
    if (known == null) {
      known = call(release, namespace, values);
      RENDERED.put(given, known);
    }
    return known;
  }

  private static String call(String release, String namespace, String values) throws IOException {
    Path copy = Files.createTempDirectory("chart");
    Path file = Files.writeString(copy.resolve("given.yaml"), values);
    try {
      FileSystemUtils.copyRecursively(FOLDER, copy);
      Path migration = copy.resolve("templates/migration.yaml");
      Files.writeString(
          migration, Files.readString(migration).replace("helm.sh/hook:", HOOK + ":"));
      return new Helm(copy)
          .template()
          .withName(release)
          .withNamespace(namespace)
          .withKubeVersion("1.31.0")
          .withValuesFile(file)
          .call();
    } finally {
      FileSystemUtils.deleteRecursively(copy);
    }
  }

  static List<HasMetadata> parse(String text) throws IOException {
    List<HasMetadata> objects = new ArrayList<>();
    for (String document : text.split("(?m)^---\\s*$")) {
      if (document.lines().allMatch(line -> line.isBlank() || line.startsWith("#"))) {
        continue;
      }
      Map<?, ?> head = new ObjectMapper(new YAMLFactory()).readValue(document, Map.class);
      String kind = head.get("apiVersion") + " " + head.get("kind");
      Class<? extends HasMetadata> type = KINDS.get(kind);
      if (type == null) {
        throw new IOException("unexpected " + kind);
      }
      objects.add(STRICT.readValue(document, type));
    }
    return objects;
  }

  /** What Helm prints after an installation. */
  static String notes(String values) throws IOException {
    Path file = Files.writeString(Files.createTempFile("values", ".yaml"), values);
    try {
      return new Helm(FOLDER)
          .install()
          .withName("demo")
          .withNamespace("lab")
          .withKubeVersion("1.31.0")
          .withValuesFile(file)
          .clientOnly()
          .dryRun()
          .call()
          .getOutput();
    } finally {
      Files.delete(file);
    }
  }

  static LintResult lint() {
    return new Helm(FOLDER).lint().strict().call();
  }
}
