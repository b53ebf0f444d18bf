package io.trainyard.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;

/**
 * Every bad request is answered by a problem that names the place, and the service goes on. The
 * requests are listed by their subject: {@link BadBodies}, {@link BadModels}, {@link BadJobs},
 * {@link BadPaths} and {@link BadUploads}.
 */
@ScenarioTest
class HostileRequestsTest {
  @Autowired private Http http;

  static List<BadRequest> requests() {
    return Stream.of(
            BadBodies.all(), BadModels.all(), BadJobs.all(), BadPaths.all(), BadUploads.all())
        .flatMap(List::stream)
        .toList();
  }

  @Test
  void thereAreMoreThanSixty() {
    assertThat(requests()).hasSizeGreaterThan(60);
  }

  @ParameterizedTest
  @MethodSource("requests")
  void isRefusedWithAProblemThatNamesThePlace(BadRequest bad) {
    bad.assertRefused(http);
  }
}
