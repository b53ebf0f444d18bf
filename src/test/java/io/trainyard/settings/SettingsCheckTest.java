package io.trainyard.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.TrainyardApplication;
import io.trainyard.error.StartRefusedException;
import io.trainyard.job.JobProperties;
import io.trainyard.job.process.Roles;
import io.trainyard.predict.PredictProperties;
import io.trainyard.start.Migration;
import io.trainyard.store.DataDirectory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.env.SimpleCommandLinePropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.type.filter.AnnotationTypeFilter;
import org.springframework.util.unit.DataSize;

@ExtendWith(OutputCaptureExtension.class)
@Isolated("the output of the process is read")
class SettingsCheckTest {
  private static final KnownSettings KNOWN =
      new KnownSettings(
          List.of(DataDirectory.class, Roles.class, JobProperties.class, PredictProperties.class));

  /** A start that ends before its context has any bean. */
  private static void start(Class<?> application, String... arguments) {
    SpringApplication start = new SpringApplication(application);
    start.setWebApplicationType(WebApplicationType.NONE);
    start.setRegisterShutdownHook(false);
    start.addInitializers(
        _ -> {
          throw new IllegalStateException("the settings can be used");
        });
    start.run(arguments).close();
  }

  @Test
  void everyRecordOfSettingsIsChecked() {
    var scan = new ClassPathScanningCandidateComponentProvider(false);
    scan.addIncludeFilter(new AnnotationTypeFilter(ConfigurationProperties.class));
    assertThat(
            scan.findCandidateComponents("io.trainyard").stream()
                .map(found -> String.valueOf(found.getBeanClassName())))
        .containsExactlyInAnyOrderElementsOf(
            SettingsCheck.holders().stream().map(Class::getName).toList());
  }

  /** Of the service, of Spring, of a variable; and of a migration, which would come first. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "trainyard.jobs.retention=90",
        "trainyard.jobs.heartbaet=5s",
        "trainyard.jobs.missed-heartbeats=0",
        "trainyard.memory=lots",
        "server.port=abc",
        "server.address=no.such.host.invalid",
        "spring.datasource.url=postgres://db/trainyard",
        "spring.datasource.url=jdbc:mysql://db/trainyard",
        "server.tomcat.max-connections=abc",
        "management.server.port=abc",
        "spring.grpc.server.port=abc",
        "spring.grpc.server.keepalive.time=abc",
        "spring.lifecycle.timeout-per-shutdown-phase=abc",
        "spring.servlet.multipart.max-file-size=abc",
        "spring.datasource.hikari.maximum-pool-size=abc",
        "spring.datasource.hikari.connection-timeout=soon"
      })
  void unusableSettingIsRefusedBeforeAnythingElseHappens(String setting) {
    for (Class<?> application : List.of(TrainyardApplication.class, Migration.class)) {
      assertThatThrownBy(() -> start(application, "--" + setting))
          .satisfies(
              failure ->
                  assertThat(StartFailureReporter.sentence(failure))
                      .hasValueSatisfying(
                          sentence ->
                              assertThat(sentence)
                                  .contains(setting.substring(0, setting.indexOf('=')))));
    }
  }

  @Test
  void weakKeyOfTheOperatorIsRefusedBeforeAnythingElseHappens() {
    assertThatThrownBy(
            () ->
                start(
                    TrainyardApplication.class,
                    "--server.address=0.0.0.0",
                    "--TRAINYARD_ADMIN_KEY=short"))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("TRAINYARD_ADMIN_KEY");
  }

  @Test
  void settingsThatCanBeUsedLetTheStartGoOn() {
    for (Class<?> application : List.of(TrainyardApplication.class, Migration.class)) {
      assertThatThrownBy(() -> start(application))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("the settings can be used");
    }
  }

  private static void commandLine(String... arguments) {
    StandardEnvironment environment = new StandardEnvironment();
    environment.getPropertySources().addFirst(new SimpleCommandLinePropertySource(arguments));
    SettingsCheck.check(environment, KNOWN);
  }

  private static void variable(String name) {
    variable(name, "x");
  }

  private static void variable(String name, String setting) {
    StandardEnvironment environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .replace(
            StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
            new SystemEnvironmentPropertySource(
                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                Map.of(name, setting)));
    SettingsCheck.check(environment, KNOWN);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "trainyard.data-dir",
        "trainyard.dataDir",
        "trainyard.data_dir",
        "trainyard.memory",
        "trainyard.roles",
        "trainyard.roles[1]",
        "trainyard.jobs.pools.gpu.slots",
        "trainyard.predict.queue-capacity",
        "server.port",
        "anything"
      })
  void settingsThatExistAreTaken(String name) {
    commandLine("--" + name + "=1");
  }

  @ParameterizedTest
  @CsvSource({
    "trainyard.data-dri, trainyard.data-dir",
    "trainyard.datadirectory, ''",
    "trainyard.queue-capacity, trainyard.jobs.queue-capacity",
    "trainyard.jobs.chekpoint-every, trainyard.jobs.checkpoint-every",
    "trainyard.jobs.max-step-multiply-add, trainyard.jobs.max-step-multiply-adds",
    "trainyard.jobs.pools.gpu.slot, ''",
    "trainyard.jobs.pools.slots, trainyard.jobs.pools.*.slots"
  })
  void unknownSettingIsRefusedWithTheNearest(String name, String nearest) {
    assertThatThrownBy(() -> commandLine("--" + name + "=1"))
        .isInstanceOf(StartRefusedException.class)
        .hasMessage(
            "There is no setting "
                + name
                + " (on the command line)"
                + (nearest.isEmpty() ? "" : "; did you mean " + nearest + "?"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "90d", "PT1H", "250ms", "1h"})
  void timeWithAUnitIsTaken(String time) {
    commandLine("--trainyard.jobs.retention=" + time);
  }

  /** Spring would take 90 ms, and all finished jobs would be deleted. */
  @Test
  void timeWithoutAUnitIsRefused() {
    assertThatThrownBy(() -> commandLine("--trainyard.jobs.retention=90"))
        .isInstanceOf(StartRefusedException.class)
        .hasMessage(
            "The setting trainyard.jobs.retention is '90' (on the command line): a unit is missing,"
                + " as in 90d, 90h, 90m or 90s");
    assertThatThrownBy(() -> variable("TRAINYARD_JOBS_SHUTDOWN_WAIT", "30"))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("TRAINYARD_JOBS_SHUTDOWN_WAIT is '30'");
  }

  @Test
  void sizesHaveBinaryUnitsToo() {
    StandardEnvironment environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .replace(
            StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
            new SystemEnvironmentPropertySource(
                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                Map.of(
                    "TRAINYARD_PREDICT_LOADED_BYTES", "512Mi",
                    "TRAINYARD_MEMORY", "2GiB",
                    "ROOM", "3Gi")));
    environment
        .getPropertySources()
        .addFirst(
            new SimpleCommandLinePropertySource(
                "--trainyard.memory=4GiB",
                "--trainyard.jobs.memory=${ROOM}",
                "--trainyard.jobs.heartbeat=5m"));
    new BinaryUnits().postProcessEnvironment(environment, new SpringApplication());
    SettingsCheck.check(environment, KNOWN);
    Binder binder = Binder.get(environment);
    assertThat(binder.bind("trainyard.memory", DataSize.class).get())
        .isEqualTo(DataSize.ofGigabytes(4));
    assertThat(binder.bind("trainyard.predict.loaded-bytes", DataSize.class).get())
        .isEqualTo(DataSize.ofMegabytes(512));
    assertThat(binder.bind("trainyard.jobs.memory", DataSize.class).get())
        .isEqualTo(DataSize.ofGigabytes(3));
    assertThat(binder.bind("trainyard.jobs.heartbeat", Duration.class).get())
        .isEqualTo(Duration.ofMinutes(5));
  }

  @Test
  void groupWithNothingInItIsTaken() {
    commandLine("--trainyard.jobs=");
    assertThatThrownBy(() -> commandLine("--trainyard.jobs=4"))
        .hasMessageContaining("trainyard.jobs");
  }

  @Test
  void unknownVariableIsAWarning(CapturedOutput output) {
    variable("TRAINYARD_DATA_DRI");
    assertThat(output).contains("TRAINYARD_DATA_DRI").contains("did you mean trainyard.data-dir?");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "TRAINYARD_DATA_DIR",
        "TRAINYARD_JOBS_POOLS_GPU_SLOTS",
        "TRAINYARD_ROLES_0_",
        "TRAINYARD_URL",
        "TRAINYARD_KEY",
        "TRAINYARD_ADMIN_KEY",
        "TRAINYARD_SERVICE_HOST",
        "TRAINYARD_SERVICE_PORT_HTTP",
        "TRAINYARD_PORT_8080_TCP_ADDR",
        "PATH"
      })
  void otherVariablesAreNoMistake(String name, CapturedOutput output) {
    variable(name);
    assertThat(output).doesNotContain("Ignored");
  }
}
