package io.trainyard;

import io.trainyard.access.Scope;
import io.trainyard.api.docs.AnswerCheck;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;

/** A service that asks for keys or tokens; all tests of it share one. */
@ServiceTest
public abstract class KeyedService {
  /** What the operator has chosen. */
  protected static final String ADMIN_KEY = "operators-own-key-0123456789abcdef";

  /** The origin whose pages may call. */
  protected static final String ORIGIN = "https://lab.example.com";

  /** Signs tokens. */
  protected static final LocalIssuer ISSUER = LocalIssuer.start();

  @Value("${local.server.port}")
  private int port;

  @DynamicPropertySource
  static void settings(DynamicPropertyRegistry registry) {
    registry.add("trainyard.access.mode", () -> "keys");
    registry.add("TRAINYARD_ADMIN_KEY", () -> ADMIN_KEY);
    registry.add("trainyard.access.refresh", () -> "100ms");
    registry.add("trainyard.access.oidc.issuer", ISSUER::url);
    registry.add("trainyard.access.oidc.audience", () -> "trainyard");
    registry.add("trainyard.access.oidc.models-claim", () -> "models");
    registry.add("trainyard.access.oidc.datasets-claim", () -> "datasets");
    registry.add("trainyard.http.origins", () -> ORIGIN);
  }

  protected Http nobody() {
    return new Http(port, compared());
  }

  private Http.Observer compared() {
    return AnswerCheck.reading(new Http(port));
  }

  protected Http admin() {
    return as(ADMIN_KEY);
  }

  /** A caller with a key or a token. */
  protected Http as(String credential) {
    return new Http(port, compared(), "Authorization", "Bearer " + credential);
  }

  /** Makes a key from the other members of its request. */
  protected JsonNode makeKey(String members) {
    String name = "k" + UUID.randomUUID();
    return admin()
        .post("/v1/keys", "{\"name\": \"%s\", %s}".formatted(name, members))
        .expect(201)
        .json();
  }

  /**
   * A token that may do what a key may.
   *
   * @param scopes in one text
   * @param models as in a key
   * @param datasets as in a key
   */
  protected static String token(String scopes, List<String> models, List<String> datasets) {
    return ISSUER.token(
        claims ->
            claims
                .issuer(ISSUER.url())
                .claim("scope", scopes)
                .claim("models", models)
                .claim("datasets", datasets));
  }

  /** A caller with a new key for some scopes. */
  protected Http with(Scope... scopes) {
    return as(makeKey("\"scopes\": " + listed(scopes)).get("key").stringValue());
  }

  /** A caller with a new key for some scopes that is bound to one model. */
  protected Http boundTo(String model, Scope... scopes) {
    return as(
        makeKey("\"scopes\": %s, \"models\": [\"%s\"]".formatted(listed(scopes), model))
            .get("key")
            .stringValue());
  }

  private static String listed(Scope... scopes) {
    return Arrays.stream(scopes)
        .map(scope -> '"' + scope.word() + '"')
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
