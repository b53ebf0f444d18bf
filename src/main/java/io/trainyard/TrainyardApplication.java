package io.trainyard;

import io.trainyard.access.AccessProperties;
import io.trainyard.access.ProxyProperties;
import io.trainyard.api.edge.DrainProperties;
import io.trainyard.cli.Arguments;
import io.trainyard.cli.TrainyardCommand;
import io.trainyard.engine.EngineProperties;
import io.trainyard.grpc.GrpcProperties;
import io.trainyard.job.JobProperties;
import io.trainyard.job.process.Supervision;
import io.trainyard.onnx.NetworkTask;
import io.trainyard.onnx.host.HostProgram;
import io.trainyard.os.Watchdog;
import io.trainyard.start.Baking;
import io.trainyard.start.Migration;
import io.trainyard.start.ServiceRole;
import io.trainyard.start.ShutdownLimit;
import io.trainyard.start.StartCompilation;
import io.trainyard.start.StartProgress;
import io.trainyard.start.Unpacking;
import io.trainyard.start.UnusedCache;
import io.trainyard.store.file.Scratch;
import io.trainyard.store.ingest.ParquetTask;
import io.trainyard.trace.TraceProperties;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.TypeExcludeFilter;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.FilterType;
import org.springframework.context.event.ContextClosedEvent;

/**
 * The whole service. Its roles decide which parts run; a worker that another process has started
 * gets its settings from that one.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
// A scan reads every class below a package, of which most are no components: half of the classes
// are left out of the start. ScannedPackagesTest finds a component that lies elsewhere.
@ComponentScan(
    resourcePattern = "*.class",
    basePackages = {
      "io.trainyard",
      "io.trainyard.access",
      "io.trainyard.engine",
      "io.trainyard.grpc",
      "io.trainyard.start",
      "io.trainyard.trace"
    },
    excludeFilters =
        @ComponentScan.Filter(type = FilterType.CUSTOM, classes = TypeExcludeFilter.class))
@ComponentScan(
    basePackages = {
      "io.trainyard.api",
      "io.trainyard.inspect",
      "io.trainyard.job",
      "io.trainyard.predict",
      "io.trainyard.store"
    },
    excludeFilters =
        @ComponentScan.Filter(type = FilterType.CUSTOM, classes = TypeExcludeFilter.class))
@ConfigurationPropertiesScan({
  "io.trainyard.api",
  "io.trainyard.inspect",
  "io.trainyard.job",
  "io.trainyard.predict",
  "io.trainyard.store"
})
@EnableConfigurationProperties({
  AccessProperties.class,
  EngineProperties.class,
  GrpcProperties.class,
  ProxyProperties.class,
  TraceProperties.class
})
public class TrainyardApplication {
  /** The exit code of a wrong command line. */
  private static final int USAGE = 2;

  public static void main(String[] args) {
    // Answers, charts and logs have a decimal point on every machine.
    Locale.setDefault(Locale.US);
    if (Migration.isAsked(args)) {
      Migration.run(args);
      return;
    }
    if (Unpacking.isAsked(args)) {
      Unpacking.run(args);
      System.exit(0);
    }
    if (HostProgram.isAsked(args)) {
      HostProgram.run(
          args,
          Map.of(
              ParquetTask.KIND,
              ParquetTask::run,
              NetworkTask.KIND,
              (request, _) -> NetworkTask.run(request)));
      return;
    }
    if (Baking.isAsked(args)) {
      Baking.run(args, TrainyardApplication::serve);
      return;
    }
    if (ServiceRole.isAsked(args)) {
      serve(settings(args));
      return;
    }
    if (Arguments.holdCommand(args)) {
      System.exit(TrainyardCommand.run(args));
    }
    serve(args);
  }

  private static String[] settings(String[] args) {
    try {
      return ServiceRole.settings(args);
    } catch (IllegalArgumentException wrong) {
      System.err.println(wrong.getMessage());
      System.exit(USAGE);
      throw wrong;
    }
  }

  /** Answers the service when it has started; its threads go on. */
  private static ApplicationContext serve(String[] args) {
    // It would compete with native loading, and warms up converters that are not used here.
    System.setProperty("spring.backgroundpreinitializer.ignore", "true");
    Watchdog.arm();
    StartCompilation.leaveToQuickCompiler();
    Supervision supervision = Supervision.of(args);
    SpringApplication application =
        new SpringApplication(
            supervision.present() ? SupervisedApplication.class : TrainyardApplication.class);
    application.addListeners((ApplicationListener<ContextClosedEvent>) _ -> Watchdog.disarm());
    if (!supervision.present()) {
      StartProgress.follow(application);
    }
    application.addInitializers(
        context -> {
          context.getBeanFactory().registerSingleton("supervision", supervision);
          if (!supervision.present()) {
            LoggerFactory.getLogger(TrainyardApplication.class).info("Trainyard starts");
            UnusedCache.report();
          }
        });
    ApplicationContext context = run(application, supervision, args);
    ShutdownLimit.start(drain(context).plus(context.getBean(JobProperties.class).shutdownWait()));
    // The embedded database reads it whenever a large result goes to disk.
    System.setProperty("java.io.tmpdir", context.getBean(Scratch.class).folder().toString());
    supervision.ready();
    return context;
  }

  /** A supervised worker answers no callers. */
  private static Duration drain(ApplicationContext context) {
    DrainProperties drain = context.getBeanProvider(DrainProperties.class).getIfAvailable();
    return drain == null ? Duration.ZERO : drain.drain();
  }

  /** A worker that cannot start ends at once: its threads would keep it. */
  private static ApplicationContext run(
      SpringApplication application, Supervision supervision, String[] args) {
    try {
      return application.run(supervision.arguments(args));
    } catch (RuntimeException | Error e) {
      if (supervision.present()) {
        Runtime.getRuntime().halt(1);
      }
      throw e;
    }
  }
}
