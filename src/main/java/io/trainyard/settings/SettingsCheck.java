package io.trainyard.settings;

import com.zaxxer.hikari.HikariConfig;
import io.trainyard.access.AccessProperties;
import io.trainyard.error.StartRefusedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.LoggerFactory;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementServerProperties;
import org.springframework.boot.autoconfigure.context.LifecycleProperties;
import org.springframework.boot.autoconfigure.ssl.SslProperties;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.grpc.server.autoconfigure.GrpcServerProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceProperties;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.OriginLookup;
import org.springframework.boot.servlet.autoconfigure.MultipartProperties;
import org.springframework.boot.tomcat.autoconfigure.TomcatServerProperties;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.env.CommandLinePropertySource;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.util.ClassUtils;
import org.springframework.util.unit.DataSize;

/**
 * Refuses to start with a setting that does not exist or cannot be used, before anything else
 * happens: a typing error would else leave the default in force without a word, and a database
 * would be migrated for a service that does not start. It needs neither beans nor a scan, so it
 * answers in little time also on a busy machine. What comes from outside the command line and files
 * may be meant for others, so there a warning suffices.
 */
final class SettingsCheck
    implements ApplicationContextInitializer<ConfigurableApplicationContext>, Ordered {
  private static final String ROOT = "trainyard.";

  /** The records that hold settings; SettingsCheckTest finds one that is missing here. */
  static final List<String> HOLDERS =
      List.of(
          "access.AccessProperties",
          "access.ProxyProperties",
          "api.HttpProperties",
          "api.edge.DrainProperties",
          "api.edge.EdgeProperties",
          "engine.EngineProperties",
          "grpc.GrpcProperties",
          "inspect.InspectProperties",
          "job.JobProperties",
          "job.event.EventProperties",
          "job.process.ProcessProperties",
          "job.process.Roles",
          "job.sweep.SweepProperties",
          "predict.PredictProperties",
          "store.DataDirectory",
          "store.database.DatabaseProperties",
          "store.duckdb.DatasetProperties",
          "store.file.TrainingMemoryProperties",
          "store.ingest.ArchiveProperties",
          "store.retention.RetentionProperties",
          "store.s3.S3Properties",
          "trace.TraceProperties");

  private static final List<String> DATABASES = List.of("jdbc:postgresql:", "jdbc:h2:");

  /** Settings of Spring that application.yml has, or the documentation tells to set. */
  private static final List<Class<?>> SPRINGS =
      List.of(
          // First: gRPC has its address by default.
          ServerProperties.class,
          DataSourceProperties.class,
          GrpcServerProperties.class,
          LifecycleProperties.class,
          ManagementServerProperties.class,
          MultipartProperties.class,
          SslProperties.class,
          TomcatServerProperties.class);

  /** Variables that belong to clients, to the first start, and to a cluster's service links. */
  private static final Pattern NO_SETTING =
      Pattern.compile(
          "TRAINYARD_(URL|KEY|ADMIN_KEY|JAR|SERVICE_HOST|SERVICE_PORT(_.*)?|PORT(_\\d+_.*)?)");

  /** A setting that does not exist, with the place where it is set. */
  private record Unknown(String name, String place, String advice) {}

  /** Before initializers that do something. */
  @Override
  public int getOrder() {
    return HIGHEST_PRECEDENCE;
  }

  @Override
  public void initialize(ConfigurableApplicationContext context) {
    ConfigurableEnvironment environment = context.getEnvironment();
    if (MemorySettings.areDivided(environment)) {
      return; // a worker has the settings of its supervisor, which has checked them
    }
    List<Class<?>> holders = holders();
    check(environment, new KnownSettings(holders));
    Binder binder = Binder.get(environment);
    var _ = binder.bind(MemorySettings.TOTAL, DataSize.class);
    holders.forEach(holder -> bind(binder, holder));
    SPRINGS.forEach(holder -> bind(binder, holder));
    var _ = binder.bind("spring.datasource.hikari", HikariConfig.class);
    requireKnownDatabase(environment.getProperty("spring.datasource.url", ""));
    var _ =
        AccessSettings.of(
            environment,
            binder.bindOrCreate("trainyard.access", AccessProperties.class),
            binder.bindOrCreate("server", ServerProperties.class),
            environment.getProperty("spring.grpc.server.enabled", Boolean.class, true)
                ? binder.bindOrCreate("spring.grpc.server", GrpcServerProperties.class)
                : null);
  }

  /** The URL is not in the message: it may hold a password. */
  private static void requireKnownDatabase(String url) {
    if (!url.isBlank() && DATABASES.stream().noneMatch(url::startsWith)) {
      throw new StartRefusedException(
          "The setting spring.datasource.url must begin with jdbc:postgresql://, as in"
              + " jdbc:postgresql://db:5432/trainyard; leave it out for an embedded database");
    }
  }

  static List<Class<?>> holders() {
    List<Class<?>> holders = new ArrayList<>();
    for (String name : HOLDERS) {
      holders.add(
          ClassUtils.resolveClassName("io." + ROOT + name, SettingsCheck.class.getClassLoader()));
    }
    return holders;
  }

  /** Fails as the holder's bean would later. */
  private static void bind(Binder binder, Class<?> holder) {
    ConfigurationProperties group = holder.getAnnotation(ConfigurationProperties.class);
    if (group != null) {
      var _ =
          binder.bindOrCreate(
              group.value().isEmpty() ? group.prefix() : group.value(), Bindable.of(holder));
    }
  }

  /**
   * Warns about unknown names in variables.
   *
   * @throws StartRefusedException if the command line or a file has unknown names
   */
  static void check(ConfigurableEnvironment environment, KnownSettings known) {
    List<Unknown> refused = new ArrayList<>();
    List<Unknown> ignored = new ArrayList<>();
    List<String> unitless = new ArrayList<>();
    for (PropertySource<?> source : environment.getPropertySources()) {
      if (source instanceof EnumerablePropertySource<?> names
          && !source.getName().startsWith(BinaryUnits.SOURCE)) {
        boolean outside =
            Set.of(
                    StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                    StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME)
                .contains(source.getName());
        for (String name : names.getPropertyNames()) {
          String setting = outside ? asSetting(name) : name;
          String text = String.valueOf(source.getProperty(name)).strip();
          if (setting.startsWith(ROOT) && known.lacksUnit(setting, text)) {
            unitless.add(
                "The setting %s is '%s' (%s): a unit is missing, as in %4$sd, %4$sh, %4$sm or %4$ss"
                    .formatted(name, text, place(source, name), text));
          }
          // A file may have the name of a group with nothing in it.
          boolean empty = String.valueOf(source.getProperty(name)).isEmpty();
          if (setting.startsWith(ROOT)
              && !known.has(setting)
              && !(empty && known.isGroup(setting))) {
            (outside ? ignored : refused)
                .add(new Unknown(name, place(source, name), known.advice(setting)));
          }
        }
      }
    }
    if (!ignored.isEmpty()) {
      LoggerFactory.getLogger(SettingsCheck.class)
          .warn("Ignored, because there are no such settings: {}", sentences(ignored));
    }
    if (!refused.isEmpty()) {
      throw new StartRefusedException("There is no setting " + sentences(refused));
    }
    if (!unitless.isEmpty()) {
      throw new StartRefusedException(String.join(". ", unitless));
    }
  }

  /** A variable's name as a setting's; "" for those that are none. */
  private static String asSetting(String name) {
    if (NO_SETTING.matcher(name).matches()) {
      return "";
    }
    return name.startsWith("TRAINYARD_")
        ? name.toLowerCase(Locale.ROOT).replaceFirst("_", ".").replace('_', '-')
        : name;
  }

  private static String place(PropertySource<?> source, String name) {
    if (source instanceof CommandLinePropertySource<?>) {
      return "on the command line";
    }
    return "in "
        + Optional.ofNullable(OriginLookup.getOrigin(source, name))
            .map(Origin::toString)
            .orElse(source.getName());
  }

  private static String sentences(List<Unknown> unknown) {
    return String.join(
        " ",
        unknown.stream()
            .map(each -> each.name() + " (" + each.place() + ")" + each.advice())
            .toList());
  }
}
