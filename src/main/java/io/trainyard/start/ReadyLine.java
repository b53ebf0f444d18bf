package io.trainyard.start;

import io.trainyard.engine.Engine;
import io.trainyard.engine.EngineProperties;
import io.trainyard.job.JobProperties;
import io.trainyard.job.process.Roles;
import io.trainyard.store.DataDirectory;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.info.BuildProperties;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** Says in one line what has started and where it answers. */
@Component
record ReadyLine(
    Environment environment,
    DataDirectory directory,
    EngineProperties settings,
    Engine natives,
    JobProperties jobs,
    Roles roles,
    ObjectProvider<BuildProperties> build,
    ObjectProvider<StartProgress> progress)
    implements ApplicationListener<ApplicationReadyEvent> {
  /** The process is ready when the native libraries are, too. */
  @Override
  public void onApplicationEvent(ApplicationReadyEvent event) {
    if (event.getApplicationContext() instanceof WebServerApplicationContext web
        && web.getWebServer() != null) {
      int port = web.getWebServer().getPort();
      Thread.ofVirtual().name("ready-line").start(() -> log(port));
    }
  }

  private void log(int port) {
    BuildProperties release = build.getIfAvailable();
    natives.awaitReady();
    progress.ifAvailable(StartProgress::end);
    Duration time =
        Duration.between(
            ProcessHandle.current().info().startInstant().orElseGet(Instant::now), Instant.now());
    LoggerFactory.getLogger(ReadyLine.class)
        .info(
            "Trainyard{} is ready after {} s: {}; data in {}, {}; {} cores, {}",
            release == null ? "" : " " + release.getVersion(),
            String.format(Locale.ROOT, "%.1f", time.toMillis() / 1000.0),
            address(port),
            directory.dataDir(),
            database(environment.getProperty("spring.datasource.url", "")),
            settings.coreCount(),
            pools());
  }

  private String address(int port) {
    String scheme =
        environment.getProperty("server.ssl.enabled", Boolean.class, isTls()) ? "https" : "http";
    String host = host(environment.getProperty("server.address", InetAddress.class));
    String url = scheme + "://" + host + ":" + port;
    return roles.api() ? url + ", documentation at " + url + "/docs" : url + " (worker)";
  }

  private boolean isTls() {
    return List.of("server.ssl.bundle", "server.ssl.key-store", "server.ssl.certificate").stream()
        .anyMatch(environment::containsProperty);
  }

  private static String host(@Nullable InetAddress address) {
    if (address == null || address.isAnyLocalAddress()) {
      return "localhost";
    }
    String text = address.getHostAddress();
    return text.contains(":") ? "[" + text + "]" : text;
  }

  /** Without what may be secret in its URL. */
  static String database(String url) {
    return url.isBlank()
        ? "embedded database"
        : "database "
            + url.replaceFirst("^jdbc:", "")
                .replaceFirst("[?;].*$", "")
                .replaceFirst("//[^/]*@", "//");
  }

  private String pools() {
    if (!roles.worker()) {
      return "no training";
    }
    return jobs.pools().entrySet().stream()
        .map(
            pool ->
                "pool %s with %d %s"
                    .formatted(
                        pool.getKey(),
                        pool.getValue().slots(),
                        pool.getValue().slots() == 1 ? "slot" : "slots"))
        .collect(Collectors.joining(", "));
  }
}
