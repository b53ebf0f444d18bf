package io.trainyard;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** An OpenID provider on this machine: its discovery document, its keys, and tokens. */
public final class LocalIssuer {
  private final HttpServer server;
  private final AtomicInteger fetches = new AtomicInteger();
  private final AtomicInteger rotations = new AtomicInteger();
  private volatile Key key = Key.of("first", 0);
  private volatile Answers answers = LocalIssuer::send;
  private volatile String token = "";
  private volatile String challenge = "";

  private LocalIssuer(HttpServer server) {
    this.server = server;
  }

  public static LocalIssuer start() {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      LocalIssuer issuer = new LocalIssuer(server);
      server.setExecutor(
          Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("issuer").factory()));
      server.createContext(
          "/.well-known/openid-configuration",
          exchange -> issuer.answer(exchange, issuer.document()));
      server.createContext("/keys", exchange -> issuer.answer(exchange, issuer.key.publicKeys()));
      server.createContext("/authorize", issuer::authorize);
      server.createContext("/token", issuer::redeem);
      server.start();
      return issuer;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public void stop() {
    server.stop(0);
  }

  /** How it answers. */
  public interface Answers {
    void send(HttpExchange exchange, String json) throws IOException;
  }

  /** Answers in another way from now on. */
  public void answers(Answers other) {
    answers = other;
  }

  /** Answers as it should. */
  public static void send(HttpExchange exchange, String json) throws IOException {
    byte[] body = Http.utf8(json);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    // Pages of any origin may read it.
    exchange.getResponseHeaders().set("Access-Control-Allow-Origin", "*");
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
  }

  private void answer(HttpExchange exchange, String json) throws IOException {
    fetches.incrementAndGet();
    try (exchange) {
      answers.send(exchange, json);
    }
  }

  private String document() {
    return """
    {"issuer": "%1$s", "jwks_uri": "%1$s/keys", "authorization_endpoint": "%1$s/authorize",
      "token_endpoint": "%1$s/token"}
    """
        .formatted(url());
  }

  /** Logs everyone in from now on, with the same token. */
  public void logsIn(String token) {
    this.token = token;
  }

  /** Leads back at once, as for a person who is logged in already. */
  private void authorize(HttpExchange exchange) throws IOException {
    Map<String, String> query = form(exchange.getRequestURI().getRawQuery());
    challenge = query.getOrDefault("code_challenge", "");
    boolean asked =
        "code".equals(query.get("response_type"))
            && "S256".equals(query.get("code_challenge_method"));
    exchange
        .getResponseHeaders()
        .set(
            "Location",
            query.get("redirect_uri")
                + (asked ? "?code=once&state=" : "?error=bad&state=")
                + query.get("state"));
    exchange.sendResponseHeaders(302, -1);
    exchange.close();
  }

  /** A token for the code, when its verifier is that of the challenge, as RFC 7636 has it. */
  private void redeem(HttpExchange exchange) throws IOException {
    Map<String, String> form =
        form(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    try (exchange) {
      String verifier = String.valueOf(form.get("code_verifier"));
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(Http.utf8(verifier));
      boolean same = Base64URL.encode(digest).toString().equals(challenge);
      send(
          exchange,
          same && "once".equals(form.get("code"))
              ? "{\"token_type\": \"Bearer\", \"access_token\": \"%s\"}".formatted(token)
              : "{\"error\": \"invalid_grant\"}");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, String> form(String text) {
    return Stream.of(text.split("&"))
        .map(pair -> pair.split("=", 2))
        .collect(
            Collectors.toMap(
                pair -> pair[0], pair -> URLDecoder.decode(pair[1], StandardCharsets.UTF_8)));
  }

  /** A pair of keys. */
  public record Key(RSAKey pair) {
    /** Made once, because that takes longer than most tests. */
    private static final List<RSAKey> PAIRS = Stream.generate(Key::made).limit(4).toList();

    /** A key that no provider has. */
    private static final RSAKey FOREIGN = made();

    private static RSAKey made() {
      try {
        return new RSAKeyGenerator(2048).generate();
      } catch (JOSEException e) {
        throw new IllegalStateException(e);
      }
    }

    /** A key that no provider has, which claims this id. */
    public static Key foreign(String id) {
      return named(FOREIGN, id);
    }

    private static Key of(String id, int number) {
      return named(PAIRS.get(number % PAIRS.size()), id);
    }

    private static Key named(RSAKey pair, String id) {
      return new Key(new RSAKey.Builder(pair).keyID(id).build());
    }

    /** The public key as JSON. */
    public String publicKey() {
      return pair.toPublicJWK().toJSONString();
    }

    /** The public key in a list of keys. */
    public String publicKeys() {
      return new JWKSet(pair.toPublicJWK()).toString();
    }

    /** The texts and bytes in which everyone may have the public key. */
    public List<byte[]> publicTexts() {
      try {
        byte[] der = pair.toRSAPublicKey().getEncoded();
        String pem =
            "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n"
                .formatted(Base64.encode(der).toString().replaceAll("(.{64})", "$1\n"));
        return List.of(
            der,
            Http.utf8(pem),
            Http.utf8(pem.strip()),
            Http.utf8(publicKey()),
            Http.utf8(pair.getModulus().toString()),
            pair.getModulus().decode());
      } catch (JOSEException e) {
        throw new IllegalStateException(e);
      }
    }

    /** A token with any header and any payload. */
    public String sign(String header, String payload) {
      try {
        String input = Base64URL.encode(header) + "." + Base64URL.encode(payload);
        return input
            + "."
            + new RSASSASigner(pair).sign(new JWSHeader(JWSAlgorithm.RS256), Http.utf8(input));
      } catch (JOSEException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  public Key key() {
    return key;
  }

  /** Signs with another key from now on, and knows the old one no more. */
  public void rotate(String id) {
    key = Key.of(id, rotations.incrementAndGet());
  }

  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** How often it was asked for anything. */
  public int fetches() {
    return fetches.get();
  }

  /** A token for this service that is valid for an hour, with other claims. */
  public String token(UnaryOperator<JWTClaimsSet.Builder> claims) {
    return sign(key, "JWT", claims);
  }

  /** A token of another type, with the scope read. */
  public String token(String type) {
    return sign(
        key,
        type,
        claims -> claims.issuer(url()).claim("scope", "read").claim("models", List.of("*")));
  }

  /** As {@link #token}, signed with a key that is not the provider's. */
  public static String forged(String issuer, String keyId) {
    return sign(Key.foreign(keyId), "JWT", claims -> claims.issuer(issuer).claim("scope", "admin"));
  }

  private static String sign(Key key, String type, UnaryOperator<JWTClaimsSet.Builder> claims) {
    JWTClaimsSet.Builder usual =
        new JWTClaimsSet.Builder()
            .subject("alice")
            .audience("trainyard")
            .claim("datasets", List.of("*"))
            .expirationTime(Date.from(Instant.now().plus(Duration.ofHours(1))));
    JWSHeader header =
        new JWSHeader.Builder(JWSAlgorithm.RS256)
            .keyID(key.pair().getKeyID())
            .type(new JOSEObjectType(type))
            .build();
    return key.sign(header.toString(), claims.apply(usual).build().toString());
  }
}
