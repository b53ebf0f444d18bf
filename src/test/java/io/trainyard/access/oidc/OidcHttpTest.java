package io.trainyard.access.oidc;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.KeyedService;
import io.trainyard.LocalIssuer;
import io.trainyard.SumNetwork;
import io.trainyard.access.AccessProperties.Oidc;
import io.trainyard.access.Limits;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tokens of an OpenID provider over HTTP. */
@Timeout(60)
class OidcHttpTest extends KeyedService {
  private static String token(String scope) {
    return ISSUER.token(
        claims ->
            claims
                .issuer(ISSUER.url())
                .claim("scope", scope)
                .claim("models", List.of("*"))
                .claim("preferred_username", "alice"));
  }

  @Test
  void scopesOfATokenAllowWhatScopesOfAKeyAllow() {
    Http caller = as(token("openid read aliases:write"));
    caller.get("/v1/models").expect(200);
    caller.post("/v1/models/m/predict", "{}").expectProblem(403, "forbidden");
    caller.get("/v1/keys").expectProblem(403, "forbidden");
    Http listed =
        as(
            ISSUER.token(
                c ->
                    c.issuer(ISSUER.url())
                        .claim("scope", List.of("admin", "other"))
                        .claim("models", List.of("*"))));
    listed.get("/v1/keys").expect(200);
    as(token("")).get("/v1/models").expectProblem(403, "forbidden");
    as(ISSUER.token("at+jwt")).get("/v1/models").expect(200);
    as(ISSUER.token("logout+jwt")).get("/v1/models").expectProblem(401, "unauthenticated");
    int before = ISSUER.fetches();
    for (int i = 0; i < 20; i++) {
      caller.get("/v1/models").expect(200);
    }
    assertThat(ISSUER.fetches()).isEqualTo(before);
  }

  @Test
  void changesCarryTheNameOfTheToken() {
    SumNetwork.importAs(admin(), "by-token");
    as(token("read aliases:write"))
        .put("/v1/models/by-token/aliases/production", "{\"version\": 1}")
        .expect(200);
    String entries = admin().get("/v1/audit?caller=oidc:alice").expect(200).text();
    assertThat(entries).contains("\"name\":\"alice\"", "/v1/models/by-token/aliases/production");
  }

  @Test
  void tokenIsBoundToItsModels() {
    SumNetwork.importAs(admin(), "of-token");
    SumNetwork.importAs(admin(), "of-others");
    Http caller =
        as(
            ISSUER.token(
                claims ->
                    claims
                        .issuer(ISSUER.url())
                        .claim("scope", "read admin")
                        .claim("models", List.of("of-token"))));
    assertThat(caller.get("/v1/models").expect(200).text())
        .contains("of-token")
        .doesNotContain("of-others");
    caller.get("/v1/models/of-others").expectProblem(403, "forbidden");
    caller.get("/v1/keys").expectProblem(403, "forbidden");
  }

  @Test
  void claimOfModelsThatListsNoneIsForNone() {
    SumNetwork.importAs(admin(), "of-nobody");
    for (Object claim :
        Arrays.asList(null, "", "*", "of-nobody", List.of(), 7, Map.of("of-nobody", true))) {
      Http caller =
          as(
              ISSUER.token(
                  claims -> {
                    claims.issuer(ISSUER.url()).claim("scope", "read predict models:write admin");
                    return claim == null ? claims : claims.claim("models", claim);
                  }));
      assertThat(caller.get("/v1/models").expect(200).json().get("models").size())
          .as("%s", claim)
          .isZero();
      caller.get("/v1/models/of-nobody").expectProblem(403, "forbidden");
      caller.post("/v1/models/of-nobody:predict", "{}").expectProblem(403, "forbidden");
      caller.get("/v1/keys").expectProblem(403, "forbidden");
      caller.get("/actuator/prometheus").expectProblem(403, "forbidden");
    }
  }

  @Test
  void claimHoldsBeginningsAsKeysDo() {
    SumNetwork.importAs(admin(), "team-a-one");
    SumNetwork.importAs(admin(), "team-ab");
    Http caller =
        as(
            ISSUER.token(
                c ->
                    c.issuer(ISSUER.url())
                        .claim("scope", "read")
                        .claim("models", List.of("team-a-*"))));
    caller.get("/v1/models/team-a-one").expect(200);
    caller.get("/v1/models/team-ab").expectProblem(403, "forbidden");
  }

  @Test
  void nameOfATokenCannotLookLikeAnother() {
    SumNetwork.importAs(admin(), "looked-at");
    for (String name : List.of("admin\n2030 admin deleted all", "admin\u202e", "ad\u200bmin")) {
      as(named(name, "mallory"))
          .put("/v1/models/looked-at/aliases/production", "{\"version\": 1}")
          .expect(200);
    }
    String entries = admin().get("/v1/audit?caller=oidc:mallory").expect(200).text();
    assertThat(entries).contains("\"name\":\"mallory\"").doesNotContain("\"name\":\"ad");
    SumNetwork.importAs(admin(), "looked-at");
    as(named("admin", "mallory"))
        .put("/v1/models/looked-at/aliases/production", "{\"version\": 2}")
        .expect(200);
    String history =
        admin().get("/v1/models/looked-at/aliases/production/history").expect(200).text();
    assertThat(history).contains("oidc:mallory (admin)");
    as(named("x", "a\nb")).get("/v1/models").expectProblem(401, "unauthenticated");
  }

  private static String named(String name, String subject) {
    return ISSUER.token(
        c ->
            c.issuer(ISSUER.url())
                .subject(subject)
                .claim("scope", "read aliases:write")
                .claim("models", List.of("*"))
                .claim("preferred_username", name));
  }

  @Test
  void tokensThatAreNotForThisServiceAreRefused() {
    Date past = Date.from(Instant.now().minus(Duration.ofHours(1)));
    for (String token :
        List.of(
            ISSUER.token(c -> c.issuer(ISSUER.url()).claim("scope", "read").audience("other")),
            ISSUER.token(c -> c.issuer("http://evil.example").claim("scope", "read")),
            ISSUER.token(c -> c.issuer(ISSUER.url()).claim("scope", "read").expirationTime(past)),
            ISSUER.token(c -> c.issuer(ISSUER.url()).claim("scope", "read").expirationTime(null)),
            ISSUER.token(c -> c.issuer(ISSUER.url()).claim("scope", "read").subject(null)),
            LocalIssuer.forged(ISSUER.url(), "first"),
            LocalIssuer.forged(ISSUER.url(), "second"),
            token("read").replaceAll("\\.[^.]*$", "."),
            "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.",
            "a.b.c")) {
      Answer answer = as(token).get("/v1/models").expectProblem(401, "unauthenticated");
      assertThat(answer.header("WWW-Authenticate")).contains("invalid_token");
    }
  }

  @Test
  void unknownKeysDoNotMakeTheServiceAskItsIssuerAgainAndAgain() {
    as(token("read")).get("/v1/models").expect(200);
    String forged = LocalIssuer.forged(ISSUER.url(), "unknown");
    int before = ISSUER.fetches();
    for (int i = 0; i < 50; i++) {
      as(forged).get("/v1/models").expectProblem(401, "unauthenticated");
    }
    assertThat(ISSUER.fetches() - before).isLessThanOrEqualTo(1);
    as(token("read")).get("/v1/models").expect(200);
  }

  /** The caller's token may be good, so it is told to retry, and soon. */
  @Test
  void absentIssuerIsNoFaultOfTheCaller() {
    OidcTokens tokens =
        new OidcTokens(
            new Oidc("http://127.0.0.1:1", "trainyard", null, "scope", null, null),
            Limits.NONE,
            Clock.systemUTC());
    for (int i = 0; i < 100; i++) {
      Assertions.assertThatThrownBy(() -> tokens.identify(token("read")))
          .isInstanceOfSatisfying(
              ServiceException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE));
    }
  }
}
