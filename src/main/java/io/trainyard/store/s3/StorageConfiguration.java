package io.trainyard.store.s3;

import io.micrometer.core.instrument.MeterRegistry;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.database.DatabaseIdentity;
import io.trainyard.store.file.FileStores;
import io.trainyard.store.file.RunningBackups;
import io.trainyard.store.file.Scratch;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Files in the data folder, unless a bucket is configured. */
@Configuration(proxyBeanMethods = false)
class StorageConfiguration {
  @Bean
  @DependsOnDatabaseInitialization
  RunningBackups runningBackups(JdbcClient jdbc, Clock clock) {
    return new RunningBackups(jdbc, clock);
  }

  /** Null where files are in the data folder. */
  record Bucket(@Nullable S3Objects objects) implements AutoCloseable {
    @Override
    public void close() {
      if (objects != null) {
        objects.close();
      }
    }
  }

  @Bean
  Bucket bucket(S3Properties properties) {
    return new Bucket(properties.bucket() == null ? null : new S3Objects(properties));
  }

  @Bean
  ObjectStoreMonitor objectStoreMonitor(Bucket bucket, MeterRegistry meters) {
    return new ObjectStoreMonitor(bucket.objects(), meters);
  }

  @Bean
  @DependsOnDatabaseInitialization
  FileStores fileStores(
      Bucket bucket,
      S3Properties properties,
      DataDirectory directory,
      RunningBackups backups,
      Scratch scratch,
      JdbcClient jdbc,
      Clock clock) {
    S3Objects objects = bucket.objects();
    return objects == null
        ? FileStores.local(directory, backups::any, clock)
        : shared(objects, properties, directory, backups, scratch, jdbc, clock);
  }

  private static FileStores shared(
      S3Objects objects,
      S3Properties properties,
      DataDirectory directory,
      RunningBackups backups,
      Scratch scratch,
      JdbcClient jdbc,
      Clock clock) {
    objects.requireUsable();
    ObjectOwner owner =
        new ObjectOwner(
            objects, properties.prefix(), DatabaseIdentity.of(jdbc).id(), scratch.folder());
    owner.check(directory.acceptDatabase());
    return new SharedFileStores(
        directory,
        objects,
        properties.prefix(),
        new OrphanObjects(jdbc, objects, owner, backups, clock),
        backups::any,
        properties.cache().toBytes());
  }
}
