package io.trainyard.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ServiceRoleTest {
  @Test
  void serveAndWorkerAreFollowedBySettings() {
    assertThat(ServiceRole.isAsked(new String[] {"--server.port=1"})).isFalse();
    assertThat(ServiceRole.isAsked(new String[] {"models"})).isFalse();
    assertThat(settings("serve")).isEmpty();
    assertThat(settings("serve", "--server.port=1")).containsExactly("--server.port=1");
    assertThat(settings("worker", "--server.port=1"))
        .containsExactly("--trainyard.roles=worker", "--server.port=1");
  }

  @Test
  void whatIsNoSettingIsRefused() {
    assertThatThrownBy(() -> settings("serve", "models")).hasMessageContaining("not 'models'");
    assertThatThrownBy(() -> settings("worker", "--trainyard.roles=api"))
        .hasMessageContaining("leave one of them out");
  }

  private static String[] settings(String... args) {
    assertThat(ServiceRole.isAsked(args)).isTrue();
    return ServiceRole.settings(args);
  }
}
