package io.trainyard.access.oidc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jwt.JWTClaimsSet;
import io.trainyard.LocalIssuer;
import io.trainyard.SetClock;
import io.trainyard.access.AccessProperties.Oidc;
import io.trainyard.access.Binding;
import io.trainyard.access.Identity;
import io.trainyard.access.Limits;
import io.trainyard.access.Scope;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whom the claims of a token describe. */
class OidcTokensTest {
  private static final LocalIssuer ISSUER = LocalIssuer.start();

  private final SetClock clock = new SetClock();

  OidcTokensTest() {
    clock.now = Instant.now();
  }

  @AfterAll
  static void stop() {
    ISSUER.stop();
  }

  private Identity identify(String modelsClaim, UnaryOperator<JWTClaimsSet.Builder> claims) {
    OidcTokens tokens =
        new OidcTokens(
            new Oidc(ISSUER.url(), "trainyard", null, "scope", modelsClaim, null),
            Limits.NONE,
            clock);
    return tokens.identify(ISSUER.token(c -> claims.apply(c.issuer(ISSUER.url()))));
  }

  @Test
  void scopesAreAListOrOneTextOfWords() {
    Set<Scope> both = Set.of(Scope.READ, Scope.PREDICT);
    for (Object scope :
        List.of("read predict", "  predict \t read ", List.of("read", "predict", "unknown"))) {
      assertThat(identify("", c -> c.claim("scope", scope)).scopes())
          .as("%s", scope)
          .isEqualTo(both);
    }
    for (Object scope : List.of("", 7, Map.of("read", true), List.of("read predict"))) {
      assertThat(identify("", c -> c.claim("scope", scope)).scopes()).as("%s", scope).isEmpty();
    }
  }

  @Test
  void aNameForPeopleIsTheFirstThatOneLineCanShow() {
    assertThat(identify("", c -> c.subject("s1").claim("email", "a@b").claim("name", "Ada")))
        .satisfies(
            ada -> {
              assertThat(ada.id()).isEqualTo("oidc:s1");
              assertThat(ada.name()).isEqualTo("a@b");
            });
    assertThat(
            identify("", c -> c.subject("s1").claim("email", "a\nb").claim("name", "Ada")).name())
        .isEqualTo("Ada");
    assertThat(identify("", c -> c.subject("s1").claim("name", "n".repeat(151))).name())
        .isEqualTo("s1");
    assertThat(identify("", c -> c.subject("s".repeat(150))).name()).isEqualTo("s".repeat(150));
  }

  @ParameterizedTest
  @ValueSource(strings = {" ", "a\u200bb", "a\nb", "\ue000"})
  void aSubjectThatCannotBeShownIsRefused(String subject) {
    assertThatThrownBy(() -> identify("", c -> c.subject(subject)))
        .hasMessageContaining("its subject is missing, longer than 150 characters, or");
    assertThatThrownBy(() -> identify("", c -> c.subject("s".repeat(151))))
        .hasMessageContaining("its subject is missing");
    assertThatThrownBy(() -> identify("", c -> c.subject(null)))
        .hasMessageContaining("its subject is missing");
  }

  /** Once there is a claim, it decides. */
  @Test
  void aTokenIsBoundByItsClaimOfModels() {
    assertThat(identify("", c -> c).models()).isEqualTo(Binding.ALL);
    assertThat(identify("models", c -> c).models()).isEqualTo(Binding.NONE);
    assertThat(identify("models", c -> c.claim("models", List.of("iris"))).models().names())
        .containsExactly("iris");
  }
}
