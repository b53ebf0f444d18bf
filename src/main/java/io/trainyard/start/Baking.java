package io.trainyard.start;

import io.trainyard.api.practice.PracticeCaller;
import io.trainyard.cli.TrainyardCommand;
import io.trainyard.grpc.PracticeCalls;
import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Enumeration;
import java.util.List;
import java.util.function.Function;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationContext;

/**
 * A service that does everything once and then answers 20,000 predictions, while the JVM records
 * which classes and methods that needs: {@code trainyard bake} makes its caches of it (JEP 483 and
 * 515). The commands run in a process of their own, whose cache is small, so that they start
 * quickly. Each process ends with 0 only when everything was answered.
 */
public final class Baking {
  private static final Logger log = LoggerFactory.getLogger(Baking.class);

  /** The service, with a folder for all its files behind it. */
  private static final String SERVICE = "practise";

  /** The commands, with a folder and a port behind it. */
  private static final String COMMANDS = "practise-commands";

  /** How long it takes at a low priority, with native libraries that are unpacked first. */
  private static final Duration MOST_WAIT = Duration.ofMinutes(10);

  private static final Duration PAUSE = Duration.ofMillis(100);

  /** Of each format and protocol. */
  private static final int PREDICTIONS = 2_500;

  /**
   * One class of each jar whose classes are all loaded: what runs in other processes, and what
   * other databases need.
   */
  private static final List<String> WHOLE_JARS =
      List.of(
          "io.trainyard.start.Baking",
          "ai.onnxruntime.OrtEnvironment",
          "org.postgresql.Driver",
          "org.flywaydb.database.postgresql.PostgreSQLDatabase");

  private static final String ROWS =
      "width,height,kind\n"
          + "1.5,2,low\n2.5,1,low\n1,1.5,low\n4,3.5,high\n5,4,high\n4.5,3,high\n".repeat(20);

  private static final String MODEL =
      """
      {"name": "practice",
       "inputs": {"x": {"columns": ["width", "height"], "scale": "standard"}},
       "targets": {"kind": {"column": "kind"}},
       "network": {"layers": [{"type": "dense", "units": 8, "activation": "relu"},
                              {"type": "dropout", "rate": 0.1},
                              {"type": "dense", "units": 2, "activation": "softmax"}]}}\
      """;

  private static final String JOB =
      """
      {"model": %s,
       "dataset": {"name": "practice", "split": {"validation": 0.2, "test": 0.2}},
       "training": {"loss": "categorical_crossentropy", "optimizer": "adam", "epochs": 5,
                    "metrics": ["accuracy"]}}\
      """
          .formatted(MODEL);

  private Baking() {}

  public static boolean isAsked(String[] args) {
    return (args.length == 2 && args[0].equals(SERVICE))
        || (args.length == 4 && args[0].equals(COMMANDS));
  }

  /**
   * Runs it, and ends the process.
   *
   * @param service starts the service with these settings, and answers it when it has started
   */
  public static void run(String[] args, Function<String[], ApplicationContext> service) {
    Path folder = Path.of(args[1]).toAbsolutePath();
    try {
      if (args[0].equals(COMMANDS)) {
        runCommands(folder, Integer.parseInt(args[2]), Integer.parseInt(args[3]));
      } else {
        runService(folder, service);
      }
    } catch (IOException | InterruptedException | RuntimeException e) {
      log.error("The practice for the caches failed", e);
      Runtime.getRuntime().halt(1); // an exit would write a cache
    }
    System.exit(0); // the JVM writes its cache when the service has stopped
  }

  private static void runService(Path folder, Function<String[], ApplicationContext> service)
      throws IOException, InterruptedException {
    // The system chooses the ports: one looked up before is another process's by the time of use.
    ApplicationContext context =
        service.apply(
            new String[] {
              "--server.address=127.0.0.1",
              "--server.port=0",
              "--management.server.address=127.0.0.1",
              "--management.server.port=0",
              "--spring.grpc.server.address=127.0.0.1",
              "--spring.grpc.server.port=0",
              "--trainyard.data-dir=" + folder.resolve("data"),
              "--trainyard.jobs.isolation=none",
              "--trainyard.http.drain=0s",
              "--trainyard.predict.timeout=10m",
              "--trainyard.predict.load-timeout=10m"
            });
    int port = port(context, "local.server.port");
    int management = port(context, "local.management.port");
    runCommandsApart(folder, port, management);
    try (PracticeCaller caller = new PracticeCaller(port, management);
        PracticeCalls calls = new PracticeCalls(context)) {
      caller.visit();
      caller.predict(
          PREDICTIONS, rows -> calls.infer("practice", List.of("width", "height"), rows));
    }
    WHOLE_JARS.forEach(Baking::loadJarOf);
  }

  private static void runCommandsApart(Path folder, int port, int management)
      throws IOException, InterruptedException {
    Files.writeString(folder.resolve("practice.csv"), ROWS);
    Files.writeString(folder.resolve("job.json"), JOB);
    Files.writeString(folder.resolve("rows.json"), PracticeCaller.instances(2));
    int code =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseG1GC",
                "-XX:AOTCacheOutput=" + folder.resolve("command.aot"),
                "-Xlog:aot*=error",
                "-jar",
                System.getProperty("java.class.path"),
                COMMANDS,
                folder.toString(),
                Integer.toString(port),
                Integer.toString(management))
            .inheritIO()
            .start()
            .waitFor();
    if (code != 0) {
      throw new IllegalStateException("the commands failed");
    }
  }

  private static void runCommands(Path folder, int port, int management)
      throws InterruptedException {
    String url = "http://127.0.0.1:" + port;
    long begin = System.nanoTime();
    while (!HealthCheck.isReady(management)) {
      if (System.nanoTime() - begin > MOST_WAIT.toNanos()) {
        throw new IllegalStateException("the service is not ready");
      }
      Thread.sleep(PAUSE);
    }
    expect(0, "--help");
    expect(0, "--version");
    expect(2, "train");
    expect(0, "upload", folder.resolve("practice.csv").toString(), "--url", url);
    expect(0, "validate", folder.resolve("job.json").toString(), "--url", url);
    expect(0, "train", folder.resolve("job.json").toString(), "--watch", "--url", url);
    expect(0, "promote", "practice", "1", "--url", url);
    expect(0, "models", "--url", url);
    expect(0, "models", "practice", "--url", url);
    expect(0, "jobs", "--url", url);
    expect(0, "predict", "practice", folder.resolve("rows.json").toString(), "--url", url);
    expect(0, "predict", "practice", "width=1", "height=2", "--json", "--url", url);
    expect(1, "predict", "practice", "width=wide", "height=2", "--url", url);
    expect(1, "models", "missing", "--url", url);
    for (String command :
        List.of("rollback", "cancel", "stop", "keys", "backup", "restore", "jobs", "models")) {
      expect(0, command, "--help");
    }
  }

  private static void expect(int code, String... arguments) {
    int ended = TrainyardCommand.run(arguments);
    if (ended != code) {
      throw new IllegalStateException(
          "%s ended with %d, not %d".formatted(List.of(arguments), ended, code));
    }
  }

  private static int port(ApplicationContext context, String name) {
    return context.getEnvironment().getRequiredProperty(name, Integer.class);
  }

  /** Loads the classes and runs none of their code. Some need libraries that are not there. */
  private static void loadJarOf(String name) {
    ClassLoader loader = Baking.class.getClassLoader();
    URL place = loader.getResource(name.replace('.', '/') + ".class");
    if (place == null) {
      throw new IllegalStateException("there is no class " + name);
    }
    try {
      if (!(place.openConnection() instanceof JarURLConnection connection)) {
        return; // a folder of classes, of which the JVM makes no cache
      }
      try (JarFile jar = new JarFile(Path.of(connection.getJarFileURL().toURI()).toFile())) {
        for (Enumeration<JarEntry> all = jar.entries(); all.hasMoreElements(); ) {
          load(all.nextElement().getName(), loader);
        }
      }
    } catch (IOException | URISyntaxException e) {
      throw new IllegalStateException("the classes beside " + name + " cannot be read", e);
    }
  }

  private static void load(String entry, ClassLoader loader) {
    if (!entry.endsWith(".class") || entry.startsWith("META-INF/")) {
      return;
    }
    String name = entry.substring(0, entry.length() - ".class".length()).replace('/', '.');
    try {
      Class.forName(name, false, loader);
    } catch (ClassNotFoundException | LinkageError e) {
      log.debug("{} is not loaded: {}", name, e.toString());
    }
  }
}
