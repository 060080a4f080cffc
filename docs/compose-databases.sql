-- A database for each service; the image of PostgreSQL runs this once, on an empty volume.
CREATE DATABASE broker;
CREATE DATABASE pup;
CREATE DATABASE ops;
