package io.trainyard.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whom the header Authorization of a request names. */
class AccessTest {
  private static final Identity SIGNED =
      new Identity(
          "oidc:ada",
          "ada",
          Set.of(Scope.READ),
          Binding.ALL,
          Binding.ALL,
          new Limits(null, 3, null, null),
          0);

  private final AccessKeys keys =
      new AccessKeys(new NoKeys(), Limits.NONE, Duration.ofSeconds(2), true, Clock.systemUTC());

  /** No key is stored. */
  private static final class NoKeys implements AccessKeyStore {
    @Override
    public List<AccessKey> all() {
      return List.of();
    }

    @Override
    public boolean insert(AccessKey key) {
      return false;
    }

    @Override
    public boolean delete(String id, boolean leavesAdmin) {
      return false;
    }

    @Override
    public void used(Map<String, Instant> times) {}
  }

  @AfterEach
  void close() {
    keys.close();
  }

  private Access access(AccessMode mode, @Nullable Tokens tokens) {
    return new Access(mode, keys, tokens, Limits.NONE);
  }

  private static void refuses(Access access, String authorization, String why) {
    assertThatThrownBy(() -> access.identify(authorization))
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.UNAUTHENTICATED);
              assertThat(e.detail()).contains(why);
            });
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", "Basic abc", "Bearer unknown"})
  void inTheModeOpenEveryoneIsAnAdministrator(@Nullable String authorization) {
    Access access = access(AccessMode.OPEN, null);
    assertThat(access.isOpen()).isTrue();
    assertThat(access.identify(authorization).has(Scope.ADMIN)).isTrue();
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", "  "})
  void withoutAKeyACallerIsNobody(@Nullable String authorization) {
    Access access = access(AccessMode.KEYS, null);
    assertThat(access.isOpen()).isFalse();
    assertThat(access.identify(authorization)).isEqualTo(Identity.nobody());
  }

  @Test
  void otherSchemesAreToldWhatIsExpected() {
    refuses(access(AccessMode.KEYS, null), "Basic abc", "must be 'Bearer' and a key");
    assertThatThrownBy(() -> access(AccessMode.KEYS, null).identify("Basic abc"))
        .message()
        .doesNotContain("token");
    refuses(
        access(AccessMode.KEYS, _ -> SIGNED), "Basic abc", "must be 'Bearer' and a key or a token");
  }

  /** Three parts with dots between them are a token; anything else is asked for among the keys. */
  @ParameterizedTest
  @CsvSource({
    "head.body.signature, true",
    "bearer head.body.signature, true",
    "head.body, false",
    ".head.body, false",
    "ty_0123456789, false"
  })
  void tokensHaveThreeParts(String text, boolean isToken) {
    Access access = access(AccessMode.KEYS, _ -> SIGNED);
    String authorization = text.contains(" ") ? text : "Bearer " + text;
    if (isToken) {
      assertThat(access.identify(authorization)).isEqualTo(SIGNED);
    } else {
      refuses(access, authorization, "The key of this request is not known here");
    }
  }
}
