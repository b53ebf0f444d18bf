package io.trainyard.model.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.error.ServiceException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ModelLimitsTest {
  private final ModelLimits limits = new ModelLimits();

  @Test
  void aModelWithoutLimitsHasThoseOfTheService() {
    ModelLimits.Limited none = limits.of("iris");
    none.enter();
    none.leave();
    assertThat(none.batchRows(7)).isEqualTo(7);
    assertThat(none.timeout(Duration.ofSeconds(3))).isEqualTo(Duration.ofSeconds(3));
  }

  @Test
  void theLowerLimitHolds() {
    limits.set(Map.of("iris", new ServingLimits(4, null, Duration.ofSeconds(2), 1)));
    assertThat(limits.of("iris").batchRows(7)).isEqualTo(4);
    assertThat(limits.of("iris").batchRows(3)).isEqualTo(3);
    assertThat(limits.of("iris").timeout(Duration.ofSeconds(3))).isEqualTo(Duration.ofSeconds(2));
    assertThat(limits.of("iris").timeout(Duration.ofSeconds(1))).isEqualTo(Duration.ofSeconds(1));
    assertThat(limits.of("other").batchRows(7)).isEqualTo(7);
  }

  @Test
  void predictionsAtOnceAreCountedAcrossChanges() {
    limits.set(Map.of("iris", new ServingLimits(null, 2, null, 1)));
    ModelLimits.Limited first = limits.of("iris");
    first.enter();
    first.enter();
    assertThatThrownBy(first::enter).isInstanceOf(ServiceException.class).hasMessageContaining("2");
    limits.set(Map.of("iris", new ServingLimits(null, 1, null, 2)));
    ModelLimits.Limited second = limits.of("iris");
    first.leave();
    assertThatThrownBy(second::enter).isInstanceOf(ServiceException.class);
    first.leave();
    second.enter();
    second.leave();
  }
}
