package io.trainyard;

import io.trainyard.api.docs.AnswerCheck;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Lazy;
import org.springframework.test.context.ContextConfiguration;

/**
 * A test against the whole service over real HTTP, on a free port and an empty data folder. The
 * test gets its caller by {@code @Autowired Http http}. All tests with the same annotations share
 * one running service, so each test names its datasets and models differently.
 */
@Target({ElementType.TYPE, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "management.prometheus.metrics.export.enabled=true",
      // Each service with workers takes ten seconds more. Those of the scenarios have them.
      "trainyard.jobs.isolation=${test.isolation:none}"
    })
@Tag("service")
@Execution(ExecutionMode.SAME_THREAD)
@ContextConfiguration(initializers = ServiceTest.OwnData.class)
@Import(ServiceTest.Caller.class)
public @interface ServiceTest {

  final class OwnData implements ApplicationContextInitializer<ConfigurableApplicationContext> {
    @Override
    public void initialize(ConfigurableApplicationContext context) {
      try {
        Path folder = Files.createDirectories(Path.of("target", "test-data"));
        Path data = Files.createTempDirectory(folder.toAbsolutePath(), "service");
        TestPropertyValues.of("trainyard.data-dir=" + data).applyTo(context);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @TestConfiguration(proxyBeanMethods = false)
  class Caller {
    /**
     * Compares every answer with the OpenAPI document. Lazy: the port is known only after the
     * server has started.
     */
    @Bean
    @Lazy
    Http http(@Value("${local.server.port}") int port) {
      return new Http(port, AnswerCheck.reading(new Http(port)));
    }
  }
}
