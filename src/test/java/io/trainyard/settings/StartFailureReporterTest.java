package io.trainyard.settings;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.error.StartRefusedException;
import io.trainyard.job.JobProperties;
import io.trainyard.job.process.Roles;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.boot.web.server.PortInUseException;

class StartFailureReporterTest {
  private static Throwable failure(String name, String value) {
    Binder binder =
        new Binder(
            List.of(new MapConfigurationPropertySource(Map.of(name, value))),
            null,
            ApplicationConversionService.getSharedInstance());
    try {
      binder.bindOrCreate("trainyard.jobs", JobProperties.class);
      binder.bindOrCreate("trainyard", Roles.class);
      throw new AssertionError(name + "=" + value + " is valid");
    } catch (RuntimeException e) {
      return new IllegalStateException("the context", e);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "trainyard.jobs.queue-capacity|many|a whole number",
        "trainyard.jobs.heartbeat|abc|a time such as 30s",
        "trainyard.jobs.kept-checkpoints|lots|a size such as 512MB or 4GiB",
        "trainyard.roles|cook|one of [api, worker]"
      })
  void valueOfAnotherFormIsNamedWithWhatIsExpected(String name, String value, String expected) {
    assertThat(StartFailureReporter.sentence(failure(name, value)))
        .hasValue("The setting %s is '%s'; expected %s".formatted(name, value, expected));
  }

  @Test
  void valueOutOfItsRangeHasTheRecordsOwnSentence() {
    assertThat(StartFailureReporter.sentence(failure("trainyard.jobs.queue-capacity", "0")))
        .hasValue("trainyard.jobs.queue-capacity must be in 1..10000000, was 0");
  }

  @Test
  void takenPortSaysHowToChooseAnother() {
    assertThat(
            StartFailureReporter.sentence(new IllegalStateException(new PortInUseException(8080))))
        .hasValue(
            "Port 8080 is taken by another process; stop that one, or choose another port:"
                + " --server.port=8081");
  }

  @Test
  void refusalIsItsOwnSentence() {
    assertThat(
            StartFailureReporter.sentence(
                new IllegalStateException(new StartRefusedException("no"))))
        .hasValue("no");
  }

  @Test
  void mistakesOfDevelopersKeepTheirStack() {
    assertThat(StartFailureReporter.sentence(new IllegalStateException("x"))).isEmpty();
  }
}
