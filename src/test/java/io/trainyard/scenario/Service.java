package io.trainyard.scenario;

import io.trainyard.Http;
import io.trainyard.TrainyardApplication;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** The whole service on a free port and an empty data folder, shared by all scenario tests. */
@SpringBootTest(classes = TrainyardApplication.class, webEnvironment = WebEnvironment.RANDOM_PORT)
public abstract class Service {
  private static final Path DATA = emptyFolder();

  @LocalServerPort private int port;

  protected Http http = new Http("");

  @DynamicPropertySource
  static void data(DynamicPropertyRegistry registry) {
    registry.add("trainyard.data-dir", DATA::toString);
  }

  @BeforeEach
  void connect() {
    http = new Http(base());
  }

  protected String base() {
    return "http://127.0.0.1:" + port;
  }

  private static Path emptyFolder() {
    try {
      return Files.createTempDirectory("trainyard-scenario");
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
