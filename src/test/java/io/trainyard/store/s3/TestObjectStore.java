package io.trainyard.store.s3;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobApiMetadata;
import org.jclouds.ContextBuilder;
import org.jclouds.blobstore.BlobStore;
import org.jclouds.blobstore.BlobStoreContext;
import org.jclouds.blobstore.options.ListContainerOptions;
import org.springframework.util.unit.DataSize;

/** A real S3-compatible server in this process, behind a connection that a test can spoil. */
public final class TestObjectStore implements AutoCloseable {
  private static final String ACCESS = "access";
  private static final String SECRET = "secret";
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final String bucket = "bucket-" + COUNT.incrementAndGet();
  private final SpoiledConnections connections;

  private TestObjectStore() throws IOException {
    Server.BLOBS.createContainerInLocation(null, bucket);
    connections = new SpoiledConnections(Server.PORT);
  }

  /** An empty bucket. */
  public static TestObjectStore open() throws IOException {
    return new TestObjectStore();
  }

  String bucket() {
    return bucket;
  }

  /** The connections between the service and the store. */
  public SpoiledConnections connections() {
    return connections;
  }

  public List<String> settings() {
    return List.of(
        "--trainyard.storage.s3.endpoint=" + endpoint(),
        "--trainyard.storage.s3.bucket=" + bucket,
        "--trainyard.storage.s3.prefix=installation",
        "--trainyard.storage.s3.access-key=" + ACCESS,
        "--trainyard.storage.s3.secret-key=" + SECRET,
        "--trainyard.storage.s3.path-style=true");
  }

  private URI endpoint() {
    return URI.create("http://127.0.0.1:" + connections.port());
  }

  S3Properties properties() {
    return properties(bucket, SECRET);
  }

  /** Those of a service that is misconfigured. */
  S3Properties properties(String otherBucket, String secret) {
    return new S3Properties(
        endpoint(),
        "us-east-1",
        otherBucket,
        "installation",
        ACCESS,
        secret,
        true,
        DataSize.ofMegabytes(10));
  }

  /** The keys of all objects. */
  public List<String> keys() {
    return Server.BLOBS.list(bucket, recursive()).stream()
        .map(found -> found.getName())
        .sorted()
        .toList();
  }

  private static ListContainerOptions recursive() {
    return ListContainerOptions.Builder.recursive();
  }

  /** The file that has the bytes of an object. */
  public Path file(String key) {
    return Server.FOLDER.resolve(bucket).resolve(key);
  }

  @Override
  public void close() throws IOException {
    connections.close();
  }

  /** One server for all tests; it stops with the process. */
  private static final class Server {
    static final Path FOLDER = folder();
    static final BlobStore BLOBS = blobs();
    static final int PORT = start();

    private static Path folder() {
      try {
        Path parent = Files.createDirectories(Path.of("target", "test-data"));
        return Files.createTempDirectory(parent.toAbsolutePath(), "objects");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static BlobStore blobs() {
      Properties properties = new Properties();
      properties.setProperty("jclouds.filesystem.basedir", FOLDER.toString());
      return ContextBuilder.newBuilder(new FilesystemNio2BlobApiMetadata())
          .credentials(ACCESS, SECRET)
          .overrides(properties)
          .build(BlobStoreContext.class)
          .getBlobStore();
    }

    private static int start() {
      try {
        S3Proxy proxy =
            S3Proxy.builder()
                .blobStore(BLOBS)
                .endpoint(URI.create("http://127.0.0.1:0"))
                .awsAuthentication(AuthenticationType.AWS_V4, ACCESS, SECRET)
                .build();
        proxy.start();
        return proxy.getPort();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
