package io.trainyard.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class IdentityTest {
  private static Identity again(ErrorCode refusal) {
    return Identity.service()
        .call(
            () -> {
              throw new ServiceException(refusal, "refused");
            },
            Identity::again);
  }

  @ParameterizedTest
  @EnumSource(names = {"UNAUTHENTICATED", "FORBIDDEN", "MODEL_NOT_FOUND"})
  void callerWhoIsRefusedMayNotGoOn(ErrorCode refusal) {
    assertThatThrownBy(() -> again(refusal))
        .isInstanceOfSatisfying(
            ServiceException.class, e -> assertThat(e.code()).isEqualTo(refusal));
  }

  @Test
  void callerGoesOnWhileNobodyCanTell() {
    assertThat(again(ErrorCode.UNAVAILABLE)).isEqualTo(Identity.service());
  }
}
