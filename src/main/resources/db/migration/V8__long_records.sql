-- A record has a value for each metric of each target. Submission refuses a job whose records
-- would be longer. Both databases store a string of this length.
alter table jobs alter column last_record set data type varchar(1000000);
alter table jobs alter column best_record set data type varchar(1000000);
alter table job_metrics alter column measures set data type varchar(1000000);
