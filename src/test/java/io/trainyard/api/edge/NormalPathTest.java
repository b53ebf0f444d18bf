package io.trainyard.api.edge;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NormalPathTest {
  @ParameterizedTest
  @CsvSource({
    "/, /",
    "/v1/models, /v1/models",
    "/v1/models/, /v1/models",
    "/v1/models/a.b, /v1/models/a.b",
    "/v1/models/.hidden, /v1/models/.hidden",
    "/v1/models/a%2Fb, /v1/models/a%2Fb",
    "/v1/models/a;b=c, /v1/models/a;b=c",
    "/livez/../v1/jobs, /v1/jobs",
    "/actuator/health/../.., /",
    "/actuator/health/../../, /",
    "/actuator/health/%2e%2E/prometheus, /actuator/prometheus",
    "/actuator/health/..;x=y/prometheus, /actuator/prometheus",
    "/actuator/health/.%2e;x/%2e/prometheus, /actuator/prometheus",
    "/v1/./models, /v1/models",
    "/v1/models/., /v1/models",
    "/v1/models/.., /v1",
    "//v1//models, /v1/models",
    "/../etc, /etc"
  })
  void detoursAreLeftOut(String path, String normal) {
    assertThat(NormalPath.of(path)).isEqualTo(normal);
  }
}
