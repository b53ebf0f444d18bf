package io.trainyard.access.oidc;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.crypto.impl.HMAC;
import com.nimbusds.jose.util.Base64URL;
import com.sun.net.httpserver.HttpServer;
import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.KeyedService;
import io.trainyard.LocalIssuer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.json.JsonMapper;

/** Forged tokens, and good ones with claims that mean nothing, against a running service. */
@Timeout(120)
class OidcAttackHttpTest extends KeyedService {
  @SuppressWarnings("TimeInStaticInitializer") // the tests end within minutes
  private static final long NOW = Instant.now().getEpochSecond();

  /** Good tokens go on working whatever came before. */
  @AfterEach
  void aGoodTokenGoesOnWorking() {
    as(signed(Map.of())).get("/v1/models").expect(200);
  }

  /** The claims of a good token that may do all, with others; a null takes one away. */
  private static String claims(Map<String, ?> others) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("iss", ISSUER.url());
    all.put("aud", "trainyard");
    all.put("sub", "alice");
    all.put("exp", NOW + 3600);
    all.put("scope", "read admin");
    all.put("models", List.of("*"));
    all.put("datasets", List.of("*"));
    others.forEach((name, value) -> all.put(name, value));
    all.values().removeIf(value -> value.equals(""));
    return JsonMapper.shared().writeValueAsString(all);
  }

  /** A token of the issuer's own key. */
  private static String signed(Map<String, ?> others) {
    return ISSUER.key().sign("{\"alg\":\"RS256\",\"kid\":\"first\"}", claims(others));
  }

  private static String part(String json) {
    return Base64URL.encode(json).toString();
  }

  private static String unsigned(String header, String signature) {
    return part(header) + "." + part(claims(Map.of())) + "." + signature;
  }

  private void refused(Iterable<String> tokens) {
    for (String token : tokens) {
      long start = System.nanoTime();
      Answer answer = as(token).get("/v1/models");
      String shown = token.substring(0, Math.min(200, token.length()));
      assertThat(answer.status()).as("%s: %s", shown, answer).isEqualTo(401);
      answer.expectProblem(401, "unauthenticated");
      assertThat(answer.header("WWW-Authenticate")).as(shown).contains("invalid_token");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }
  }

  @Test
  void signaturesThatProveNothingAreRefused() throws JOSEException {
    List<String> tokens = new ArrayList<>();
    for (String none : List.of("none", "None", "NONE", "nOnE", "")) {
      for (String signature : List.of("", "AAAA")) {
        tokens.add(unsigned("{\"alg\":\"%s\"}".formatted(none), signature));
        tokens.add(unsigned("{\"alg\":\"%s\",\"kid\":\"first\"}".formatted(none), signature));
      }
    }
    // What everyone knows of the key is no secret between the issuer and the service.
    for (byte[] secret : ISSUER.key().publicTexts()) {
      for (String type : List.of("HS256", "HS384", "HS512")) {
        String input =
            part("{\"alg\":\"%s\",\"kid\":\"first\"}".formatted(type))
                + "."
                + part(claims(Map.of()));
        SecretKeySpec key = new SecretKeySpec(secret, type.replace("HS", "HmacSHA"));
        byte[] mac = HMAC.compute(key, Http.utf8(input), null);
        tokens.add(input + "." + Base64URL.encode(mac));
      }
    }
    // Zeros as a signature of a curve, an empty one, another token's, and other claims under it.
    tokens.add(unsigned("{\"alg\":\"ES256\",\"kid\":\"first\"}", "A".repeat(86)));
    tokens.add(unsigned("{\"alg\":\"EdDSA\",\"kid\":\"first\"}", "A".repeat(86)));
    tokens.add(unsigned("{\"alg\":\"RS256\",\"kid\":\"first\"}", ""));
    tokens.add(unsigned("{\"alg\":\"RS256\",\"kid\":\"first\"}", "A".repeat(342)));
    String good = signed(Map.of("sub", "bob"));
    tokens.add(
        unsigned(
            "{\"alg\":\"RS256\",\"kid\":\"first\"}", good.substring(good.lastIndexOf('.') + 1)));
    tokens.add(
        ISSUER
            .key()
            .sign(
                "{\"alg\":\"RS256\",\"kid\":\"first\",\"crit\":[\"x\"],\"x\":1}",
                claims(Map.of())));
    refused(tokens);
  }

  @Test
  void keysThatATokenBringsOrPointsToAreNotItsIssuers() throws IOException {
    AtomicInteger asked = new AtomicInteger();
    LocalIssuer.Key own = LocalIssuer.Key.foreign("first");
    HttpServer evil =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    evil.createContext(
        "/",
        exchange -> {
          asked.incrementAndGet();
          byte[] body = Http.utf8(own.publicKeys());
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    evil.start();
    String url = "http://127.0.0.1:" + evil.getAddress().getPort() + "/keys";
    List<String> tokens = new ArrayList<>();
    try {
      for (String more :
          List.of(
              "\"jku\":\"%s\"".formatted(url),
              "\"x5u\":\"%s\"".formatted(url),
              "\"jwk\":" + own.publicKey(),
              "\"kid\":\"%s\"".formatted(url),
              "\"kid\":\"../../../../../../dev/null\"",
              "\"kid\":\"/proc/self/environ\"",
              "\"kid\":\"file:///dev/null\"",
              "\"kid\":\"first' or '1'='1\"",
              "\"kid\":\"first\\u0000\"",
              "\"kid\":\"FIRST\"",
              "\"kid\":\"\"",
              "\"kid\":[\"first\"]",
              "\"kid\":{\"$ne\":\"\"}",
              "\"kid\":null",
              "\"kid\":\"%s\"".formatted("k".repeat(10_000)))) {
        String kid = more.startsWith("\"kid\"") ? "" : "\"kid\":\"first\",";
        tokens.add(own.sign("{\"alg\":\"RS256\",%s%s}".formatted(kid, more), claims(Map.of())));
      }
      refused(tokens);
    } finally {
      evil.stop(0);
    }
    assertThat(asked.get()).as("a token makes the service ask nobody").isZero();
  }

  @Test
  void tokensOfOthersOrOfAnotherTimeAreRefused() {
    Map<String, List<Object>> wrong = new LinkedHashMap<>();
    wrong.put(
        "iss",
        List.of(
            "",
            "http://evil.example",
            ISSUER.url() + "/",
            List.of(ISSUER.url()),
            7,
            Map.of("iss", ISSUER.url())));
    wrong.put(
        "aud",
        List.of(
            "",
            "other",
            "trainyard.evil",
            "Trainyard",
            " trainyard",
            7,
            List.of(),
            List.of("other"),
            Map.of("trainyard", true),
            List.of(List.of("trainyard"))));
    wrong.put(
        "exp",
        List.of(
            "",
            NOW - 3600,
            0,
            -1,
            Long.MIN_VALUE,
            "tomorrow",
            true,
            List.of(NOW + 3600),
            Map.of("exp", NOW + 3600)));
    wrong.put("nbf", List.of(NOW + 3600, NOW + 10_000_000_000L, "tomorrow", List.of(NOW + 3600)));
    wrong.put("sub", List.of("", List.of("alice"), Map.of("sub", "alice"), "a".repeat(200), " "));
    List<String> tokens = new ArrayList<>();
    wrong.forEach((claim, values) -> values.forEach(v -> tokens.add(signed(Map.of(claim, v)))));
    refused(tokens);
  }

  @Test
  void textsThatAreNoTokensAreRefused() {
    String good = signed(Map.of());
    String deep = "[".repeat(10_000);
    List<String> tokens = new ArrayList<>();
    tokens.addAll(
        List.of(
            "..",
            "...",
            "a..b",
            "....",
            ".....",
            good + ".",
            "." + good,
            good + "." + good,
            good.replace('.', ',') + "..",
            "eyJ.eyJ.eyJ",
            "%%.%%.%%",
            part("{\"alg\":\"dir\",\"enc\":\"A256GCM\"}") + "..AAAA.AAAA.AAAA",
            part("{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\"}") + ".AAAA.AAAA.AAAA.AAAA",
            part("null") + "." + part("{}") + ".AAAA",
            part("[]") + "." + part("[]") + ".AAAA",
            part("{\"alg\":7}") + "." + part("{}") + ".AAAA",
            part("{\"alg\":\"RS256\",\"kid\":" + deep) + "." + part("{}") + ".AAAA",
            part("{\"alg\":\"RS256\",\"x\":" + deep + "]".repeat(10_000) + "}") + ".e30.AAAA",
            part("{\"alg\":\"RS256\",\"kid\":\"first\"}") + "." + part("{\"a\":" + deep) + ".AAAA",
            ISSUER.key().sign("{\"alg\":\"RS256\",\"kid\":\"first\"}", "not JSON"),
            ISSUER.key().sign("{\"alg\":\"RS256\",\"kid\":\"first\"}", "[]"),
            ISSUER.key().sign("{\"alg\":\"RS256\",\"kid\":\"first\"}", "{\"a\":1,\"a\":" + deep),
            ISSUER
                .key()
                .sign(
                    "{\"alg\":\"RS256\",\"kid\":\"first\"}",
                    claims(Map.of())
                        .replace(
                            "\"sub\"",
                            "\"x\":" + "[".repeat(5_000) + "]".repeat(5_000) + ",\"sub\"")),
            ISSUER
                .key()
                .sign(
                    "{\"alg\":\"RS256\",\"kid\":\"first\"}",
                    claims(Map.of()).replace("" + (NOW + 3600), "1e400"))));
    refused(tokens);
  }

  /** Scopes are words; what is none gives none. */
  @Test
  void scopesOfAWrongTypeAreNone() {
    for (Object scope :
        List.of(
            "",
            7,
            true,
            Map.of("admin", true),
            List.of(),
            List.of(List.of("admin")),
            List.of(Map.of("admin", "read")),
            List.of("read admin"),
            "ADMIN",
            "admin\u0000",
            "admin,read",
            "\"admin\"",
            "*",
            List.of("*"),
            "adm\u200bin",
            "admin:admin")) {
      Http caller = as(signed(Map.of("scope", scope)));
      for (String path : List.of("/v1/models", "/v1/keys")) {
        Answer answer = caller.get(path);
        assertThat(answer.status()).as("%s for %s: %s", path, scope, answer).isEqualTo(403);
        answer.expectProblem(403, "forbidden");
      }
    }
  }

  @Test
  void bindingsOfAWrongTypeAreNone() {
    admin().upload("of-no-token", "a,b\n1,2\n3,4\n");
    for (Object claim :
        List.of(
            "",
            "*",
            "of-no-token",
            7,
            true,
            Map.of("*", true),
            List.of(7),
            List.of(List.of("*")),
            List.of(Map.of("name", "*")),
            List.of("of-no-token", 7),
            List.of(""),
            List.of("**"),
            List.of("%"),
            List.of(".*"),
            List.of("of-no-toke_"))) {
      Http caller = as(signed(Map.of("models", claim, "datasets", claim)));
      assertThat(caller.get("/v1/models").expect(200).json().get("models")).isEmpty();
      caller.get("/v1/datasets/of-no-token").expectProblem(403, "forbidden");
    }
    as(signed(Map.of("datasets", List.of("of-no-token*"))))
        .get("/v1/datasets/of-no-token")
        .expect(200);
  }

  @Test
  void hugeTokensCostOneRequest() throws IOException {
    as(signed(Map.of("x", "x".repeat(10_000)))).get("/v1/models").expect(200);
    for (int length : new int[] {40_000, 1_000_000}) {
      String answer =
          nobody()
              .raw(
                  "GET /v1/models HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                      + "Authorization: Bearer a.b.%s\r\n\r\n".formatted("x".repeat(length)));
      assertThat(answer).startsWith("HTTP/1.1 4");
    }
  }

  /** Which one would count, the service and a proxy before it may see differently. */
  @Test
  void twoAuthorizationsAreNone() throws IOException {
    String good = "Authorization: Bearer " + signed(Map.of()) + "\r\n";
    String bad = "Authorization: Bearer " + LocalIssuer.forged(ISSUER.url(), "first") + "\r\n";
    String key = "Authorization: Bearer " + ADMIN_KEY + "\r\n";
    for (String headers :
        List.of(good + bad, bad + good, good + good, key + good, good + key, key + key)) {
      String answer =
          nobody()
              .raw(
                  "GET /v1/models HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                      + headers
                      + "\r\n");
      assertThat(answer).startsWith("HTTP/1.1 401").contains("one Authorization header");
    }
    nobody()
        .get("/v1/models", "Authorization", "Bearer " + ADMIN_KEY + ", Bearer " + ADMIN_KEY)
        .expectProblem(401, "unauthenticated");
  }

  /** Addresses stand in logs. */
  @Test
  void credentialsElsewhereAreNotRead() {
    String token = signed(Map.of());
    for (String name : List.of("access_token", "token", "authorization", "Authorization", "jwt")) {
      nobody().get("/v1/models?" + name + "=" + token).expectProblem(401, "unauthenticated");
    }
    for (String header : List.of("Cookie", "X-Authorization", "Proxy-Authorization", "X-Api-Key")) {
      nobody()
          .get("/v1/models", header, "access_token=" + token)
          .expectProblem(401, "unauthenticated");
    }
    for (String scheme : List.of("Basic ", "Token ", "", "Bearer", "Negotiate ")) {
      nobody()
          .get("/v1/models", "Authorization", scheme + token)
          .expectProblem(401, "unauthenticated");
    }
  }
}
