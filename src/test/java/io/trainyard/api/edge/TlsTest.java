package io.trainyard.api.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.trainyard.ServiceTest;
import io.trainyard.grpc.protocol.GRPCInferenceServiceGrpc;
import io.trainyard.grpc.protocol.ServerLiveRequest;
import io.trainyard.start.HealthCheck;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** TLS by a bundle: HTTP takes new certificates as they come, gRPC asks clients for theirs. */
@ServiceTest
@Timeout(60)
class TlsTest {
  private static final Path CERTIFICATES = Path.of("src/test/resources/tls");
  private static final char[] PASSWORD = "secret".toCharArray();
  private static final Path STORE = copied("server");

  @Value("${local.server.port}")
  private int port;

  @Value("${local.management.port}")
  private int management;

  @Autowired private GrpcServerLifecycle grpc;

  @DynamicPropertySource
  static void settings(DynamicPropertyRegistry registry) {
    String bundle = "spring.ssl.bundle.jks.web.";
    registry.add(bundle + "keystore.location", () -> "file:" + STORE);
    registry.add(bundle + "keystore.password", () -> "secret");
    registry.add(bundle + "keystore.type", () -> "PKCS12");
    registry.add(
        bundle + "truststore.location", () -> "file:" + CERTIFICATES.resolve("clients.p12"));
    registry.add(bundle + "truststore.password", () -> "secret");
    registry.add(bundle + "truststore.type", () -> "PKCS12");
    registry.add(bundle + "reload-on-update", () -> "true");
    registry.add("spring.ssl.bundle.watch.file.quiet-period", () -> "100ms");
    registry.add("server.ssl.bundle", () -> "web");
    registry.add("management.server.port", () -> "0");
    registry.add("spring.grpc.server.ssl.bundle", () -> "web");
    registry.add("spring.grpc.server.ssl.client-auth", () -> "require");
  }

  private static Path copied(String name) {
    try {
      Path folder = Files.createDirectories(Path.of("target", "test-data")).toAbsolutePath();
      Path store = Files.createTempDirectory(folder, "tls").resolve("web.p12");
      Files.copy(CERTIFICATES.resolve(name + ".p12"), store);
      return store;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static KeyStore store(String name) throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(CERTIFICATES.resolve(name + ".p12"))) {
      store.load(in, PASSWORD);
    }
    return store;
  }

  private static TrustManagerFactory servers() throws GeneralSecurityException, IOException {
    TrustManagerFactory trusted =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trusted.init(store("servers"));
    return trusted;
  }

  private HttpResponse<String> get(String path) throws Exception {
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(null, servers().getTrustManagers(), null);
    try (HttpClient client = HttpClient.newBuilder().sslContext(tls).build()) {
      return client.send(
          HttpRequest.newBuilder(URI.create("https://localhost:" + port + path)).build(),
          BodyHandlers.ofString());
    }
  }

  private String certificate() throws Exception {
    return ((X509Certificate) get("/livez").sslSession().orElseThrow().getPeerCertificates()[0])
        .getSubjectX500Principal()
        .getName();
  }

  /** Where the service has TLS, a management port of its own has it too. */
  @Test
  void healthCheckOfTheImageSpeaksTls() {
    assertThat(management).isNotEqualTo(port);
    assertThat(HealthCheck.isReady(management)).isTrue();
    assertThat(HealthCheck.isReady(port)).as("no health there").isFalse();
  }

  @Test
  void newCertificateIsTakenWithoutARestart() throws Exception {
    HttpResponse<String> answer = get("/v1/models");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Strict-Transport-Security")).isPresent();
    assertThat(certificate()).isEqualTo("CN=server");
    Files.copy(CERTIFICATES.resolve("renewed.p12"), STORE, StandardCopyOption.REPLACE_EXISTING);
    Instant deadline = Instant.now().plus(Duration.ofSeconds(30));
    while (!certificate().equals("CN=renewed")) {
      assertThat(Instant.now()).isBefore(deadline);
      Thread.sleep(100);
    }
  }

  @Test
  void clientOfGrpcNeedsACertificate() throws Exception {
    KeyManagerFactory client =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    client.init(store("client"), PASSWORD);
    var known = TlsChannelCredentials.newBuilder().trustManager(servers().getTrustManagers());
    assertThat(isLive(known.keyManager(client.getKeyManagers()))).isTrue();
    var unknown = TlsChannelCredentials.newBuilder().trustManager(servers().getTrustManagers());
    assertThatThrownBy(() -> isLive(unknown)).isInstanceOf(StatusRuntimeException.class);
  }

  private boolean isLive(TlsChannelCredentials.Builder credentials) {
    ManagedChannel channel =
        Grpc.newChannelBuilder("localhost:" + grpc.getPort(), credentials.build()).build();
    try {
      return GRPCInferenceServiceGrpc.newBlockingStub(channel)
          .withDeadlineAfter(20, TimeUnit.SECONDS)
          .serverLive(ServerLiveRequest.getDefaultInstance())
          .getLive();
    } finally {
      channel.shutdownNow();
    }
  }
}
