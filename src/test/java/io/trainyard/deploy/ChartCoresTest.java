package io.trainyard.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.trainyard.Http;
import io.trainyard.process.ServiceProcess;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.duckdb.DatasetProperties;
import io.trainyard.store.duckdb.DuckDb;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.StandardEnvironment;
import tools.jackson.databind.JsonNode;

/**
 * A pod that requests one core uses one, whatever its node has: what each process counts on, with
 * the options and arguments that the chart gives it. A machine of one core shows nothing.
 */
@Timeout(180)
class ChartCoresTest {
  private static final String ONE_CORE =
      """
      standalone: true
      api: {resources: {requests: {cpu: 600m}, limits: {memory: 4Gi}}}
      """;
  private static final String JOB =
      """
      {"model": {"name": "iris",
                 "inputs": {"x": {"columns": ["sepal_length", "petal_length", "petal_width"]}},
                 "targets": {"species": {"column": "species"}},
                 "network": {"layers": [{"type": "dense", "units": 3, "activation": "softmax"}]}},
       "dataset": {"name": "iris"},
       "training": {"loss": "categorical_crossentropy", "epochs": 2}}
      """;

  @TempDir private Path folder;

  private static Container container() throws IOException {
    return Chart.render(ONE_CORE).stream()
        .filter(Deployment.class::isInstance)
        .map(Deployment.class::cast)
        .findFirst()
        .orElseThrow()
        .getSpec()
        .getTemplate()
        .getSpec()
        .getContainers()
        .getFirst();
  }

  private static Map<String, String> options(Container container) {
    String name = "JDK_JAVA_OPTIONS";
    return container.getEnv().stream()
        .filter(variable -> variable.getName().equals(name))
        .findFirst()
        .map(variable -> Map.of(name, variable.getValue()))
        .orElse(Map.of());
  }

  /** Prints the threads of a DuckDB, as a process that reads rows opens it. */
  static final class Rows {
    private Rows() {}

    public static void main(String[] folder) throws Exception {
      DatasetProperties properties =
          Binder.get(new StandardEnvironment())
              .bindOrCreate("trainyard.datasets", DatasetProperties.class);
      Path scratch = Path.of(folder[0]);
      try (DuckDb duck =
          DuckDb.open(properties, scratch, new DataDirectory(scratch).reserve(), List.of())) {
        System.out.print(duck.query("SELECT current_setting('threads')", DuckDb::firstLong));
      }
    }
  }

  @Test
  @Tag("long")
  void duckDbUsesTheCoresOfThePod() throws Exception {
    assertThat(
            output(
                List.of("java", "-cp", System.getProperty("java.class.path"), Rows.class.getName()),
                folder.toString()))
        .isEqualTo("1");
  }

  @Test
  @Tag("slow")
  void everyProcessUsesTheCoresOfThePod() throws Exception {
    Container container = container();
    try (ServiceProcess service =
        ServiceProcess.startFromClasses(folder, options(container), container.getArgs())) {
      Http http = service.http();
      http.sample("iris");
      JsonNode job = http.await(http.submit(JOB), Duration.ofMinutes(1));
      assertThat(job.get("state").stringValue()).as(job.toString()).isEqualTo("succeeded");
      assertThat(job.get("threads").intValue()).isEqualTo(1);
      assertThat(service.log()).contains("; 1 cores, ");
      List<Long> processes = service.pids();
      // Those for files start a while after the service is ready.
      for (long end = System.nanoTime() + Duration.ofMinutes(2).toNanos();
          processes.size() < 3 && System.nanoTime() < end; ) {
        Http.pause(Duration.ofMillis(200));
        processes = service.pids();
      }
      assertThat(processes).as("the service, its worker and those for files").hasSizeGreaterThan(2);
      for (long process : processes) {
        assertThat(output(List.of("jcmd"), "" + process, "VM.info"))
            .containsPattern("CPU: total \\d+ \\(initial active 1\\)");
      }
    }
  }

  /** What a program of this Java prints, with the chart's options where it is a JVM. */
  private String output(List<String> program, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(program);
    command.set(0, Path.of(System.getProperty("java.home"), "bin", program.getFirst()).toString());
    command.addAll(List.of(arguments));
    Path errors = Files.createTempFile(folder, "cores", ".log");
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
    builder.environment().putAll(options(container()));
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(Files.readString(errors)).isZero();
    return output;
  }
}
