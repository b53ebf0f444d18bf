package io.trainyard.store.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Released migrations must stay the same to the byte: Flyway refuses to open a data folder that ran
 * another version of them. Every change of the schema is a new file; add its line here.
 */
@Tag("service")
class ReleasedMigrationsTest {
  @ParameterizedTest
  @CsvSource({
    "V1__datasets.sql, 3b58ba73df3db57f47dda1092499e34843d95e870037a9e984cc1bb7abb02b4f",
    "V2__models.sql, d7c827b39b942b7466213af5de8040a7f043bf035a5cc8c84584c0f3efeab915",
    "V3__jobs.sql, a924b265a1d9587c99a78b38d958934306330a5e3cb366dca68eae3fce03e8fe",
    "V4__job_references.sql, d8151ee8bb1ad576924d38b8e56bcc346b4b0e24228caf6b9372baba943b23a2",
    "V5__queue_order.sql, 94f6841143ec029c55d18f208a13a33dcecf6c07c158f2abaf808414898e8d42",
    "V6__dataset_seals.sql, 993c22e6ac2c5bda154d33d8710684a85238462b718d62356f82bc68d81b8491",
    "V7__created_resources.sql, 2a9077dabf8ac28ef1059e26ae980dfd915565350bfa6316f070a6c007793b41",
    "V8__long_records.sql, 93162898ad6a164dc43a0af8621dd251596b4b0fb7d62b974afb0b89aa2fa921",
    "V9__database_identity.sql, 14e766d4b586905fbab6736f519fbbf95f15fb64d076a3d0469e079ad115645f",
    "V10__memory_kills.sql, 290cb44ae3bcb4368a2a7163709afbdc86da21a83f949a4e0b05200841f2c0fb",
    "V11__worker_crashes.sql, 2061087f585015a2f39d004f9cac234d40fb9685b3f9c0b73fb289e004cb4609",
    "V12__job_threads.sql, b8e7247dfa6bd86a40db784f5c8235c626ac74c537708c370787a23b247db432",
    "V13__job_evaluations.sql, 652ac26bc999a98248a94836fc42f7b2d9d08753087abb8bbac36b37527c1b1e",
    "V14__sweeps.sql, 35268a2b3a51c450f4e67109620c2186a0a1b81ca4a2587ee608768ec987387a",
    "V15__serving.sql, dae1af8ec33b5f1226ed6c631a4fae84b2ebe7b4a1e48c3c9da3bfc846d2399d",
    "V16__access.sql, a6056f22ce3807705b19603f8c5528d208e6d1f7ee2ca5e92cd3f2f76d414063",
    "V17__shared_files.sql, 594f662c97be07d928397905cb0f3dc03d8e012a1e7ec482492237a0a11d22fb",
    "V18__traceparent.sql, c53b5e5f4fb0f3e8d0a28d91b33e0cb534880ca1a5513b32635b459d077182f9",
    "V19__etags_of_retries.sql, 7b557228acac8e928e075613aa29e8aeb7e0e58654c0c5fa7ae21a1c22512428",
    "V20__datasets_of_keys.sql, 2ac55431279b82bc97d600661886983cff251141a6888717aa646d9b9f332eed",
    "V22__workers.sql, 9c2a4d725f2581eeaf5d2ca50cf37f5508b73a2be17f0cc941d192625cc9c747",
    "V23__labels.sql, ead69498b161b09a519ad1652fbc5e54ce8d0476581b728c82b88eda3e3fb340",
    "V24__model_bytes.sql, d16a7c4667718a5364291a728d24f99a9737e59ef8f74205f1add7cad74cd20c",
    "V25__job_frames.sql, 48c301258f5ae9e9b32a5cf79cd2146f521f7f5a7a3051b14bea434ccdd4b618",
    "V26__promised_aliases.sql, 94ad4ac14b0bfdfffc95affc2da583064cefb0f8ff0c6bf7cadbb895733f4e55",
    "V27__first_versions.sql, da5478a7a91a564d2908484549893bc6abad305acafb04fe68c947141de74cb4",
  })
  void releasedMigrationIsNeverChanged(String file, String sha256) throws Exception {
    try (var in = getClass().getResourceAsStream("/db/migration/" + file)) {
      assertThat(in).as(file).isNotNull();
      byte[] bytes = in == null ? new byte[0] : in.readAllBytes();
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      assertThat(HexFormat.of().formatHex(digest.digest(bytes)))
          .as(file + ": " + new String(bytes, StandardCharsets.UTF_8).lines().findFirst())
          .isEqualTo(sha256);
    }
  }
}
