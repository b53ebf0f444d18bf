package io.trainyard;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/** An OpenID provider on this machine: its discovery document, its keys, and tokens. */
public final class LocalIssuer {
  private final HttpServer server;
  private final RSAKey key;
  private final AtomicInteger fetches = new AtomicInteger();

  private LocalIssuer(HttpServer server, RSAKey key) {
    this.server = server;
    this.key = key;
  }

  static LocalIssuer start() {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      LocalIssuer issuer = new LocalIssuer(server, newKey("first"));
      server.setExecutor(
          Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("issuer").factory()));
      issuer.serve(
          "/.well-known/openid-configuration",
          "{\"issuer\": \"%s\", \"jwks_uri\": \"%s/keys\"}".formatted(issuer.url(), issuer.url()));
      issuer.serve("/keys", new JWKSet(issuer.key.toPublicJWK()).toString());
      server.start();
      return issuer;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static RSAKey newKey(String id) {
    try {
      return new RSAKeyGenerator(2048).keyID(id).generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private void serve(String path, String json) {
    byte[] body = Http.utf8(json);
    server.createContext(
        path,
        exchange -> {
          fetches.incrementAndGet();
          exchange.getResponseHeaders().set("Content-Type", "application/json");
          exchange.sendResponseHeaders(200, body.length);
          try (var out = exchange.getResponseBody()) {
            out.write(body);
          }
        });
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
    return sign(newKey(keyId), "JWT", claims -> claims.issuer(issuer).claim("scope", "admin"));
  }

  private static String sign(RSAKey key, String type, UnaryOperator<JWTClaimsSet.Builder> claims) {
    try {
      JWTClaimsSet.Builder usual =
          new JWTClaimsSet.Builder()
              .subject("alice")
              .audience("trainyard")
              .claim("datasets", List.of("*"))
              .expirationTime(Date.from(Instant.now().plus(Duration.ofHours(1))));
      SignedJWT token =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.RS256)
                  .keyID(key.getKeyID())
                  .type(new JOSEObjectType(type))
                  .build(),
              claims.apply(usual).build());
      token.sign(new RSASSASigner(key));
      return token.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }
}
