package io.trainyard.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The wheel that the build makes of the client for Python, and what its user gets. */
@Tag("service")
@Timeout(120)
class PythonWheelTest {
  private static final Path CLIENT = Path.of("src/clients/python/trainyard.py");
  private static final Path CERTIFICATES = Path.of("src/test/resources/tls");
  private static final char[] PASSWORD = "secret".toCharArray();

  @TempDir private Path folder;

  @Test
  void wheelIsReproducibleAndRecordsItsFiles() throws Exception {
    Path wheel = wheel(folder.resolve("one"), "UTC");
    assertThat(wheel(folder.resolve("two"), "Asia/Tokyo")).hasSameBinaryContentAs(wheel);
    assertThat(wheel.getFileName()).hasToString("trainyard-1.2.0.dev0-py3-none-any.whl");
    try (ZipFile zip = new ZipFile(wheel.toFile())) {
      String info = "trainyard-1.2.0.dev0.dist-info/";
      List<String> record = text(zip, info + "RECORD").lines().toList();
      assertThat(record).hasSize(zip.size()).endsWith(info + "RECORD,,");
      for (String line : record.subList(0, record.size() - 1)) {
        String[] cells = line.split(",", -1);
        byte[] content = bytes(zip, cells[0]);
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(content);
        String encoded = Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
        assertThat(line).isEqualTo("%s,sha256=%s,%d".formatted(cells[0], encoded, content.length));
      }
      assertThat(bytes(zip, "trainyard/__init__.py")).isEqualTo(Files.readAllBytes(CLIENT));
      assertThat(bytes(zip, "trainyard/py.typed")).isEmpty();
      assertThat(text(zip, info + "METADATA"))
          .startsWith("Metadata-Version: 2.1\nName: trainyard\nVersion: 1.2.0.dev0\n");
      assertThat(text(zip, info + "WHEEL")).contains("\nTag: py3-none-any\n");
    }
  }

  @Test
  void wheelIsImportedAndTrustsOnlyItsCertificates() throws Exception {
    assumeTrue(Python.runs("pass"), "there is no " + Python.COMMAND);
    Path wheel = wheel(folder, "UTC");
    HttpsServer server = server();
    try {
      Path script =
          Files.writeString(
              folder.resolve("https.py"),
              """
              import sys
              sys.path.insert(0, sys.argv[1])
              import trainyard
              assert sys.argv[1] in trainyard.__file__, trainyard.__file__
              assert trainyard.Trainyard(sys.argv[2], ca_file=sys.argv[3]).model("m") == {"name": "m"}
              try:
                  trainyard.Trainyard(sys.argv[2], patience=0).model("m")
              except trainyard.Unreachable as e:
                  assert "certificate verify failed" in str(e), e
                  print("done")
              """);
      String url = "https://localhost:" + server.getAddress().getPort();
      assertThat(Python.run(script.toString(), wheel.toString(), url, authority().toString()))
          .endsWith("done\n");
    } finally {
      server.stop(0);
    }
  }

  @Test
  @Tag("tools")
  void clientIsTyped() throws Exception {
    assumeTrue(Python.runs("import mypy"), "mypy is missing in Python");
    Path caller =
        Files.writeString(
            folder.resolve("caller.py"),
            """
            from trainyard import TrainyardClassifier, Trainyard

            yard: Trainyard = Trainyard("http://localhost:8080", patience=1.5)
            svg: str = yard.plot("j1", "curves").svg
            score: float = TrainyardClassifier(yard, epochs=3).fit([[1]], [1]).score([[1]], [1])
            """);
    String[] strict = {"--strict", "--ignore-missing-imports", "--cache-dir=" + folder};
    assertThat(mypy(strict, CLIENT.toString(), caller.toString())).contains("Success");
    Files.writeString(caller, "from trainyard import Trainyard\nTrainyard(patience='long')\n");
    assertThat(mypy(strict, CLIENT.toString(), caller.toString()))
        .contains("caller.py:2: error: Argument \"patience\"");
  }

  /** The output; mypy's status says only whether it found something. */
  private String mypy(String[] options, String... files) throws Exception {
    Path script = folder.resolve("check.py");
    Files.writeString(
        script,
        """
        import sys
        from mypy import api
        print(api.run(sys.argv[1:])[0])
        """);
    List<String> arguments = new ArrayList<>(List.of(script.toString()));
    arguments.addAll(List.of(options));
    arguments.addAll(List.of(files));
    return Python.run(arguments.toArray(String[]::new));
  }

  private static Path wheel(Path folder, String zone) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Duser.timezone=" + zone,
                "src/clients/python/Wheel.java",
                CLIENT.toString(),
                "1.2.0-SNAPSHOT",
                folder.toString())
            .inheritIO();
    Process process = builder.start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
    return folder.resolve("trainyard-1.2.0.dev0-py3-none-any.whl");
  }

  private static String text(ZipFile zip, String name) throws IOException {
    return new String(bytes(zip, name), StandardCharsets.UTF_8);
  }

  private static byte[] bytes(ZipFile zip, String name) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    assertThat(entry).as(name).isNotNull();
    try (InputStream content = zip.getInputStream(entry)) {
      return content.readAllBytes();
    }
  }

  private static HttpsServer server() throws Exception {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store("server"), PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    server.createContext(
        "/",
        exchange -> {
          byte[] body = "{\"name\": \"m\"}".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    return server;
  }

  private Path authority() throws Exception {
    byte[] content = store("servers").getCertificate("server").getEncoded();
    String lines = Base64.getMimeEncoder().encodeToString(content);
    return Files.writeString(
        folder.resolve("authority.pem"),
        "-----BEGIN CERTIFICATE-----\n" + lines + "\n-----END CERTIFICATE-----\n");
  }

  private static KeyStore store(String name) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(CERTIFICATES.resolve(name + ".p12"))) {
      store.load(in, PASSWORD);
    }
    return store;
  }
}
