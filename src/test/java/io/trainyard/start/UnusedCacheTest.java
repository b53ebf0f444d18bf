package io.trainyard.start;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class UnusedCacheTest {
  @Test
  void onlyACacheThatIsNotUsedIsNamed() {
    List<String> options = List.of("-Xmx1g", "-XX:AOTCache=/opt/service.aot");

    assertThat(UnusedCache.sentence(options, false)).get().asString().contains("/opt/service.aot");
    assertThat(UnusedCache.sentence(options, true)).isEmpty();
    assertThat(UnusedCache.sentence(List.of("-Xmx1g"), false)).isEmpty();
  }
}
