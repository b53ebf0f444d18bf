package io.trainyard;

import io.trainyard.api.multipart.SpoolFolder;
import io.trainyard.error.FailureClassifier;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.DiskReserve;
import io.trainyard.store.duckdb.DatasetProperties;
import io.trainyard.store.file.DiskFaults;
import io.trainyard.store.file.Scratch;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.time.Clock;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

/**
 * Keeps the temporary files of the process in one folder below the data folder. The next process
 * removes those that a killed one left.
 */
@Configuration(proxyBeanMethods = false)
class TemporaryFilesConfiguration {
  @Bean
  Scratch temporaryFiles(DataDirectory directory) {
    return new Scratch(directory.folder("tmp"));
  }

  @Bean
  SpoolFolder spoolFolder(
      Scratch temporaryFiles, DatasetProperties datasets, DataDirectory directory)
      throws IOException {
    return new SpoolFolder(
        Files.createDirectory(temporaryFiles.folder().resolve("bodies")),
        datasets.maxUpload(),
        reserve(directory.reserve()));
  }

  private static SpoolFolder.Reserve reserve(DiskReserve disk) {
    return new SpoolFolder.Reserve() {
      @Override
      public OutputStream guard(OutputStream out) {
        return disk.guard(out);
      }

      @Override
      public void require(long bytes) throws IOException {
        disk.require(bytes);
      }
    };
  }

  @Bean
  FailureClassifier diskFaults(Clock clock) {
    return new DiskFaults(clock);
  }

  /** Runs before Spring Boot's own, so that the property server.tomcat.basedir wins. */
  @Bean
  @Order(-1)
  WebServerFactoryCustomizer<TomcatServletWebServerFactory> serverFiles(Scratch temporaryFiles) {
    File base = temporaryFiles.folder().resolve("tomcat").toFile();
    File documents = new File(base, "documents");
    return factory -> {
      if (!documents.isDirectory() && !documents.mkdirs()) {
        throw new IllegalStateException(documents + " cannot be created");
      }
      factory.setBaseDirectory(base);
      factory.setDocumentRoot(documents);
    };
  }
}
